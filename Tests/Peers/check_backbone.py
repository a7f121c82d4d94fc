"""Checks Backbone's files and scores against PyTorch and onnxruntime; prints one line a check.

    Tests/Peers/check_backbone.py [--voc FOLDER] [--weights FILE]

Runs Backbone's `PeerFileTests`, which write scores, .safetensors and .onnx files into a folder of
their own. Needs `make weights` and, for the scores, a VOC folder with JPEGImages.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image
from safetensors.torch import load_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Packages/Backbone/Tests/BackboneTests/Golden"))
from networks import EfficientNetLite  # noqa: E402

failures = 0


def report(name, passed, figures):
    global failures
    failures += not passed
    print(f"{'ok  ' if passed else 'FAIL'} {name}: {figures}", flush=True)


def decoded(path, side=224):
    """The middle of the picture, as EfficientNet-Lite is evaluated."""
    picture = Image.open(path).convert("RGB")
    crop = min(picture.size) * side / (side + 32)
    left, top = (picture.width - crop) / 2, (picture.height - crop) / 2
    box = (left, top, left + crop, top + crop)
    return np.asarray(picture.resize((side, side), Image.BICUBIC, box=box))


def torch_scores(network, pixels):
    scores = []
    with torch.no_grad():
        for start in range(0, len(pixels), 16):
            images = torch.from_numpy(pixels[start : start + 16]).permute(0, 3, 1, 2).float()
            scores.append(network((images - 127) / 128).numpy())
    return np.concatenate(scores)


def check_scores(folder, expected):
    found = np.load(folder / "scores.npy")
    difference = np.abs(found - expected).max() / np.abs(expected).max()
    order = lambda scores: np.argsort(-scores, axis=1, kind="stable")
    ours, theirs = order(found), order(expected)
    top1 = (ours[:, 0] == theirs[:, 0]).mean()
    top5 = np.mean([set(a[:5]) == set(b[:5]) for a, b in zip(ours, theirs)])
    probabilities = torch.softmax(torch.from_numpy(expected), 1).max(1).values
    report(
        "EfficientNet-Lite0's scores equal PyTorch's", top1 >= 0.99 and difference <= 1e-4,
        f"{len(found)} pictures, top-1 equal {100 * top1:.2f} %, top-5 sets {100 * top5:.2f} %, "
        f"largest difference {difference:.1e} of the largest score, median confidence "
        f"{probabilities.median():.2f}")


def check_safetensors(folder, network):
    state = load_file(folder / "saved.safetensors")
    other = EfficientNetLite(1, 1)
    other.load_state_dict(state)
    equal = all(torch.equal(value, state[name]) for name, value in network.state_dict().items())
    report("saved .safetensors loads into PyTorch", equal, f"{len(state)} tensors, equal bits")


def check_onnx(folder):
    """Each file was traced at 64 x 64, batch 1; its cases have other sizes and batches."""

    def load(path):
        values = np.load(path)
        return values.transpose(0, 3, 1, 2) if values.ndim == 4 else values

    for path in sorted(folder.glob("*.onnx")):
        onnx.checker.check_model(str(path), full_check=True)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        names = [[value.name for value in values]
                 for values in (session.get_inputs(), session.get_outputs())]
        worst, sizes = 0, []
        for index in range(2):
            files = f"{path.stem}.{index}."
            inputs = {name: np.ascontiguousarray(load(folder / f"{files}input{place}.npy"))
                      for place, name in enumerate(names[0])}
            sizes.append("x".join(map(str, inputs[names[0][0]].shape)))
            for place, output in enumerate(session.run(None, inputs)):
                expected = load(folder / f"{files}output{place}.npy")
                assert output.shape == expected.shape, (path.name, output.shape, expected.shape)
                worst = max(worst, np.abs(output - expected).max() / np.abs(expected).max())
        opset = onnx.load(path, load_external_data=False).opset_import[0].version
        report(
            f"{path.name} in onnxruntime", worst <= 1e-4,
            f"opset {opset}, {len(names[1])} outputs at {' and '.join(sizes)}, largest difference "
            f"{worst:.1e} of the largest value")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--voc", type=pathlib.Path, default=os.environ.get("FBR_VOC"))
    parser.add_argument(
        "--weights", type=pathlib.Path, default=ROOT / "weights/efficientnet-lite0-57934424.pth")
    parser.add_argument("--scratch", default=str(ROOT / ".build-shared"))
    arguments = parser.parse_args()
    if not arguments.weights.exists():
        sys.exit(f"{arguments.weights}: not there; run 'make weights'")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.symlink(arguments.weights.resolve(), folder / "weights.pth")
        network = EfficientNetLite(1, 1)
        network.load_state_dict(torch.load(arguments.weights, map_location="cpu"))
        network.eval()
        pictures = []
        if arguments.voc:
            pictures = sorted((arguments.voc / "JPEGImages").glob("*.jpg"))
        if pictures:
            pixels = np.stack([decoded(path) for path in pictures])
            np.save(folder / "pixels.npy", pixels)
            expected = torch_scores(network, pixels)
        subprocess.run(
            ["swift", "test", "--package-path", str(ROOT / "Packages/Backbone"), "--scratch-path",
             arguments.scratch, "--disable-build-manifest-caching", "-c", "release",
             "--disable-xctest", "--filter", "PeerFileTests"],
            check=True, env={**os.environ, "FBR_PEER_FILES": name}, stdout=subprocess.DEVNULL)
        if pictures:
            check_scores(folder, expected)
            check_safetensors(folder, network)
        else:
            reason = f"{arguments.voc}: no pictures" if arguments.voc else "FBR_VOC is not set, no --voc"
            print(f"{reason}; scores not checked")
        check_onnx(folder)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()

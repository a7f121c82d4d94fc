"""Compares the inertia of `fbr cluster` with scikit-learn's; prints one line a set of vectors.

    Tests/Peers/check_clustering.py --fbr bin/fbr [--voc FOLDER --weights FILE]

Both run K-means once from each of some seeds; the medians are compared, and ours must not be more
than half a percent above. Vectors: Gaussian mixtures; and, with a VOC folder and `make weights`,
EfficientNet-Lite0's features of pictures at stride 16, a picture of 512 x 512 at a time.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import numpy as np
from sklearn.cluster import KMeans

import embeddings

ROOT = pathlib.Path(__file__).resolve().parents[2]
parser = argparse.ArgumentParser()
parser.add_argument("--fbr", required=True)
parser.add_argument("--voc", type=pathlib.Path, default=os.environ.get("FBR_VOC"))
parser.add_argument("--weights", type=pathlib.Path)
parser.add_argument("--pictures", type=int, default=8)
parser.add_argument("--seeds", type=int, default=15)
parser.add_argument("-k", type=int, default=8)
arguments = parser.parse_args()


def features(pictures):
    import torch
    from PIL import Image

    sys.path.insert(0, str(ROOT / "Packages/Backbone/Tests/BackboneTests/Golden"))
    from networks import EfficientNetLite

    network = EfficientNetLite(1, 1)
    network.load_state_dict(torch.load(arguments.weights, weights_only=True))
    network.eval()
    for path in pictures:
        pixels = np.asarray(Image.open(path).convert("RGB").resize((512, 512), Image.BICUBIC))
        image = (torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() - 127) / 128
        with torch.no_grad():
            stage = network.stages(image)[3]
        yield path.stem, stage[0].permute(1, 2, 0).reshape(-1, stage.shape[1]).numpy()


def ours(path, seed):
    command = [arguments.fbr, "cluster", path, "-k", str(arguments.k), "--seed", str(seed)]
    output = subprocess.run(
        [*command, "--out", path + ".out.npy", "--json"], check=True, capture_output=True
    )
    return json.loads(output.stdout)["inertia"]


def compare(name, rows):
    rows = np.ascontiguousarray(rows, np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/rows.npy"
        np.save(path, rows)
        found = statistics.median(ours(path, seed) for seed in range(arguments.seeds))
    expected = statistics.median(
        KMeans(arguments.k, n_init=1, random_state=seed).fit(rows).inertia_
        for seed in range(arguments.seeds)
    )
    ratio = found / expected
    passed = ratio <= 1.005
    print(
        f"{'ok  ' if passed else 'FAIL'} {name} {rows.shape[0]}x{rows.shape[1]}: inertia "
        f"{found:.6g}, scikit-learn {expected:.6g}, ratio {ratio:.4f}", flush=True,
    )
    return ratio


random = np.random.default_rng(11)
ratios = []
for count, centers, spread in [(1024, 8, 0.5), (1024, 12, 0.7), (4096, 8, 1.0)]:
    middles = random.normal(size=(centers, 128))
    chosen = middles[random.integers(0, centers, count)]
    ratios.append(
        compare(f"mixture of {centers}", chosen + random.normal(size=chosen.shape) * spread)
    )
ratios.append(compare("mixture after ReLU", embeddings.mixture(random, 1, 1024)[0]))
if arguments.voc and arguments.weights:
    pictures = sorted((arguments.voc / "JPEGImages").glob("*.jpg"))
    step = max(len(pictures) // arguments.pictures, 1)
    real = [compare(*item) for item in features(pictures[::step][: arguments.pictures])]
    print(f"real features, {len(real)} pictures: mean ratio {statistics.mean(real):.4f}")
    ratios += real
sys.exit(any(ratio > 1.005 for ratio in ratios))

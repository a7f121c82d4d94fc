"""What EfficientNet-Lite0's real weights say of VOC pictures at their own sizes, by PyTorch.

    golden_imagenet.py VOC WEIGHTS      a folder with JPEGImages, and the file of `make weights`

Every 42nd picture is used, 12 in all; stored are the five best classes and their scores.
"""

import pathlib
import sys

import golden_file
import numpy as np
import PIL
import torch
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[4]
sys.path.insert(0, str(ROOT / "Packages/Backbone/Tests/BackboneTests/Golden"))
from networks import EfficientNetLite  # noqa: E402


def main():
    pictures = sorted(pathlib.Path(sys.argv[1], "JPEGImages").glob("*.jpg"))[::42][:12]
    network = EfficientNetLite(1, 1)
    network.load_state_dict(torch.load(sys.argv[2], map_location="cpu"))
    network.eval()
    best, scores = [], []
    for path in pictures:
        pixels = torch.from_numpy(np.array(Image.open(path).convert("RGB")))
        with torch.no_grad():
            logits = network((pixels.permute(2, 0, 1)[None].float() - 127) / 128)[0]
        top = logits.topk(5)
        best.append(top.indices.numpy())
        scores.append(top.values.numpy())
        print(path.stem, best[-1], scores[-1])
    case = golden_file.case("pictures", {"best": np.stack(best), "scores": np.stack(scores)})
    golden_file.write(
        pathlib.Path(__file__).with_name("imagenet.json"), [case],
        torch=torch.__version__, pillow=PIL.__version__)


main()

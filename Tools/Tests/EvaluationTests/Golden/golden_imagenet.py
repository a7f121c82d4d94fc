"""What EfficientNet-Lite0's real weights say of VOC pictures at their own sizes, by PyTorch.

    FBR_VOC=FOLDER golden_imagenet.py      a folder with JPEGImages; wants the file of `make weights`

Every 42nd picture is used, 12 in all; stored are their names, the five best classes and their scores.
"""

import os
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


WEIGHTS = ROOT / "weights/efficientnet-lite0-57934424.pth"


def main():
    if "FBR_VOC" not in os.environ or not WEIGHTS.exists():
        print("FBR_VOC is not set, or no `make weights`: imagenet.json stays as it is")
        return
    pictures = sorted(pathlib.Path(os.environ["FBR_VOC"], "JPEGImages").glob("*.jpg"))[::42][:12]
    network = EfficientNetLite(1, 1)
    network.load_state_dict(torch.load(WEIGHTS, map_location="cpu"))
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
    path = pathlib.Path(__file__).with_name("imagenet.json")
    golden_file.write(path, [case], torch=torch.__version__, pillow=PIL.__version__)
    path.with_suffix(".txt").write_text("".join(f"{path.stem}\n" for path in pictures))


main()

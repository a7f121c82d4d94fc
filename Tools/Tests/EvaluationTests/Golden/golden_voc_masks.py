"""Scores of VOC masks against themselves shifted and strewn with noise, by numpy and OpenCV.

    FBR_VOC=FOLDER golden_voc_masks.py      a folder with SegmentationClass; its first 60 masks are used

The test makes the same predictions: everything is whole numbers.
"""

import os
import pathlib

import cv2
import golden_file
import numpy as np
from PIL import Image

CLASSES = 21


def perturbed(truth, index):
    """Shifted by up to 12 pixels; one pixel in 32 gets a label without order, 255 too."""
    height, width = truth.shape
    shifted = np.roll(truth, ((index * 5) % 25 - 12, (index * 11) % 25 - 12), (0, 1))
    shifted = np.where(shifted == 255, index % CLASSES, shifted)
    position = np.arange(height * width, dtype=np.uint64).reshape(height, width)
    mixed = (position + np.uint64(index * 1000003)) * np.uint64(2654435761)
    mixed &= np.uint64(0xFFFFFFFF)
    noise = (mixed >> np.uint64(8)) % np.uint64(CLASSES + 1)
    noise = np.where(noise == CLASSES, 255, noise)
    return np.where((mixed >> np.uint64(27)) == 0, noise, shifted).astype(np.uint8)


def boundary(mask):
    height, width = mask.shape
    distance = max(1, int(round(0.02 * np.sqrt(height**2 + width**2))))
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    eroded = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=distance)
    return mask - eroded[1:-1, 1:-1]


def main():
    if "FBR_VOC" not in os.environ:
        print("FBR_VOC is not set: voc_masks.json stays as it is")
        return
    names = sorted(pathlib.Path(os.environ["FBR_VOC"], "SegmentationClass").glob("*.png"))[:60]
    sums = {key: np.zeros(CLASSES) for key in ("common", "union", "near common", "near union")}
    counts = np.zeros((CLASSES, CLASSES), np.int64)
    unknown = np.zeros(CLASSES, np.int64)
    for index, name in enumerate(names):
        truth = np.asarray(Image.open(name))
        prediction = perturbed(truth, index)
        known = truth != 255
        np.add.at(counts, (truth[known & (prediction != 255)], prediction[known & (prediction != 255)]), 1)
        np.add.at(unknown, truth[known & (prediction == 255)], 1)
        visible = np.where(known, prediction, 255)
        for label in range(CLASSES):
            a, b = visible == label, truth == label
            sums["common"][label] += (a & b).sum()
            sums["union"][label] += (a | b).sum()
            if a.any() or b.any():
                a, b = boundary(a.astype(np.uint8)), boundary(b.astype(np.uint8))
                sums["near common"][label] += (a & b).sum()
                sums["near union"][label] += (a | b).sum()
    tensors = {
        "counts": counts,
        "unknown": unknown,
        "iou": sums["common"] / sums["union"],
        "boundary": sums["near common"] / sums["near union"],
    }
    assert counts.max() < 2**24
    path = pathlib.Path(__file__).with_name("voc_masks.json")
    cases = [golden_file.case("first 60", tensors)]
    golden_file.write(path, cases, numpy=np.__version__, opencv=cv2.__version__)
    path.with_suffix(".txt").write_text("".join(f"{name.stem}\n" for name in names))


main()

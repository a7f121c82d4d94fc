"""Boxes and intersection over union of masks, crowds too, by pycocotools."""

import pathlib

import golden_file
import numpy as np
from pycocotools import mask as coco

random = np.random.default_rng(5)
height, width, count = 15, 17, 7
# Blobs of several sizes, an empty mask, a full one and two equal ones.
bitmaps = np.zeros((count, height, width), np.uint8)
bitmaps[1] = 1
for index in range(2, count - 1):
    y, x = random.integers(0, 8, 2)
    bitmaps[index, y : y + 2 * index, x : x + 3 * index] = random.random((2 * index, 3 * index))[
        : height - y, : width - x
    ] < 0.8
bitmaps[count - 1] = bitmaps[count - 2]
masks = [coco.encode(np.asfortranarray(b)) for b in bitmaps]
tensors = {"bitmaps": bitmaps, "boxes": coco.toBbox(masks)}
cases = [golden_file.case("masks", tensors)]
for i in range(count):
    for j in range(count):
        plain, crowd = (coco.iou([masks[i]], [masks[j]], [flag])[0, 0] for flag in (0, 1))
        cases.append(golden_file.case(f"{i} {j}", {}, plain=plain, crowd=crowd))

path = pathlib.Path(__file__).with_name("mask_overlap.json")
golden_file.write(path, cases, pycocotools="2.0.11")

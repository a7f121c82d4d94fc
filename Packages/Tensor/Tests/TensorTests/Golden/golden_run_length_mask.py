"""Polygons and bitmaps as runs, by pycocotools."""

import pathlib

import golden_file
import numpy as np
from pycocotools import mask as coco

random = np.random.default_rng(11)
cases = []


def text(value):
    return np.frombuffer(value, np.uint8)


def counts(rle):
    """Run lengths of a compressed code, through its bitmap's columns."""
    flat = coco.decode(rle).ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], edges, [flat.size]]))
    return runs if flat[0] == 0 else np.concatenate([[0], runs])


def polygon(name, points, height, width):
    points = np.asarray(points, dtype=np.float32)
    flat = [float(v) for v in points.ravel()]
    rle = coco.frPyObjects([flat], height, width)[0]
    tensors = {"polygon": points, "compressed": text(rle["counts"])}
    if not name.startswith("random"):
        tensors["bitmap"] = coco.decode(rle)
    cases.append(golden_file.case(name, tensors, height=height, width=width))


polygon("square", [[1, 1], [5, 1], [5, 4], [1, 4]], 7, 9)
polygon("halves", [[1.5, 1.5], [6.5, 1.5], [6.5, 4.5], [1.5, 4.5]], 7, 9)
polygon("outside", [[-8, -3], [30, 4], [5, 40]], 15, 17)
polygon("whole", [[0, 0], [17, 0], [17, 15], [0, 15]], 15, 17)
polygon("doubled corners", [[2, 2], [2, 2], [9, 3], [9, 3], [4, 11]], 15, 17)
polygon("line", [[2, 2], [12, 2], [2, 2]], 15, 17)
polygon("star", [[8, 0], [12, 14], [0, 5], [16, 5], [3, 14]], 15, 17)
polygon("negative", [[-0.3, -0.7], [3.2, -0.1], [2.9, 3.3], [-0.45, 2.2]], 4, 4)
for index in range(24):
    height, width = random.integers(1, 40, 2)
    count = random.integers(3, 12)
    points = random.uniform(-0.2, 1.2, (count, 2)) * [width, height]
    polygon(f"random {index}", points.astype(np.float32), int(height), int(width))

for index, share in enumerate([0, 0.02, 0.5, 0.97, 1]):
    bitmap = (random.random((23, 31)) < share).astype(np.uint8)
    other = (random.random((23, 31)) < 0.4).astype(np.uint8)
    rle, second = (coco.encode(np.asfortranarray(b)) for b in (bitmap, other))
    tensors = {
        "bitmap": bitmap,
        "other": other,
        "compressed": text(rle["counts"]),
        "union": coco.decode(coco.merge([rle, second])),
        "intersection": coco.decode(coco.merge([rle, second], intersect=True)),
    }
    if share:
        tensors["counts"] = counts(rle)
    cases.append(golden_file.case(f"bitmap {index}", tensors, area=coco.area(rle)))

path = pathlib.Path(__file__).with_name("run_length_mask.json")
golden_file.write(path, cases, pycocotools="2.0.11")

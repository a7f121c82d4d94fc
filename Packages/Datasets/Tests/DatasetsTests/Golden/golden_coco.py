"""A small COCO annotation file, coco/instances.json, with the masks pycocotools makes of it."""

import json
import pathlib

import golden_file
import numpy as np
from pycocotools import mask as codec
from pycocotools.coco import COCO

random = np.random.default_rng(5)
folder = pathlib.Path(__file__).with_name("coco")
folder.mkdir(exist_ok=True)
categories = [{"supercategory": "x", "id": i, "name": n} for i, n in [(44, "bottle"), (1, "person"), (18, "dog")]]  # fmt: skip
images, annotations = [], []


def blob(height, width):
    y, x = np.mgrid[0:height, 0:width]
    cy, cx, r = random.uniform(0, height), random.uniform(0, width), random.uniform(2, 9)
    return np.asfortranarray(((y - cy) ** 2 + (x - cx) ** 2 < r * r).astype(np.uint8))


def add(image, category, segmentation, crowd=0):
    annotations.append({
        "segmentation": segmentation, "area": 1.5, "iscrowd": crowd, "image_id": image,
        "bbox": [0, 0, 1, 1], "category_id": category, "id": 100 + len(annotations),
    })  # fmt: skip


for image in range(4):
    height, width = (int(v) for v in random.integers(12, 30, 2))
    name = f"COCO_test_{image:012d}.jpg"
    images.append({"license": 1, "file_name": name, "height": height, "width": width, "id": 7 + image})  # fmt: skip
    if image == 3:
        continue
    for _ in range(3):
        polygons = [
            [round(float(v), 2) for v in (random.uniform(0, 1, (6, 2)) * [width, height]).ravel()]
            for _ in range(random.integers(1, 3))
        ]
        add(7 + image, int(random.choice([1, 18, 44])), polygons)
    rle = codec.encode(blob(height, width))
    add(7 + image, 18, {"size": rle["size"], "counts": rle["counts"].decode()})
    flat = blob(height, width).ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    counts = runs if flat[0] == 0 else [0] + runs
    add(7 + image, 44, {"counts": counts, "size": [height, width]}, crowd=1)

path = folder / "instances.json"
info = {"description": "a \"test\" \\ file", "contributor": None, "list": [1, [2.5e-3, {}], "]"]}
path.write_text(json.dumps({"info": info, "annotations": annotations, "images": images, "categories": categories}))  # fmt: skip

coco = COCO(str(path))
indices = {1: 1, 18: 2, 44: 3}
cases = []
for image in images:
    semantic = np.zeros((image["height"], image["width"]), np.uint8)
    tensors = {}
    for index, annotation in enumerate(coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))):
        mask = coco.annToMask(annotation)
        semantic[(semantic == 0) & (mask == 1)] = indices[annotation["category_id"]]
        tensors[f"object{index}"] = mask
    tensors["semantic"] = semantic
    cases.append(golden_file.case(image["file_name"][:-4], tensors))
golden_file.write(pathlib.Path(__file__).with_name("coco.json"), cases, pycocotools="2.0.11")

# Seeds for the fuzzer: runs of every length, of which most damage stays readable.
bitmap = np.asfortranarray((random.random((40, 50)) < 0.3).astype(np.uint8))
bitmap[:, 10:30] = 1
folder.joinpath("runs.txt").write_bytes(codec.encode(bitmap)["counts"])

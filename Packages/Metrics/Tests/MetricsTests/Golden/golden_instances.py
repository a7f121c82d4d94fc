"""Instances scored by pycocotools, and VOC's average precision by numpy.

Two data sets: objects of all sizes with crowds and equal scores on large pictures, and one picture
with more predictions of a class than COCO counts. Masks are boxes with a missing corner, described
by numbers, so that the test draws the same: x, y, width, height, cut.
"""

import contextlib
import io
import pathlib

import golden_file
import numpy as np
from pycocotools import mask as coco
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

SIZE = 240
random = np.random.default_rng(9)


def draw(x, y, w, h, cut):
    pixels = np.zeros((SIZE, SIZE), np.uint8, order="F")
    pixels[y : y + h, x : x + w] = 1
    pixels[y : y + cut, x : x + cut] = 0
    return pixels


def shape(limit):
    w, h = (int(2 ** random.uniform(2, np.log2(limit))) for _ in range(2))
    x, y = (int(random.integers(0, SIZE - s)) for s in (w, h))
    return [x, y, w, h, min(w, h) // 3]


def moved(numbers, amount):
    x, y, w, h, cut = numbers
    dx, dy, dw, dh = (int(v) for v in np.round(random.normal(size=4) * amount * min(w, h)))
    return [max(x + dx, 0), max(y + dy, 0), max(w + dw, 2), max(h + dh, 2), cut]


def data(images, objects, predictions, limit, categories):
    """Rows of image, category, crowd, area and shape; rows of image, category, score, shape."""
    truths, found = [], []
    for image in range(1, images + 1):
        for _ in range(int(random.integers(0, objects + 1))):
            numbers, category = shape(limit), int(random.integers(1, categories + 1))
            area = int(draw(*numbers).sum() * random.uniform(0.9, 1.1))
            truths.append([image, category, int(random.random() < 0.15), area, *numbers])
            for _ in range(int(random.integers(0, predictions + 1))):
                if random.random() < 0.1:
                    category = int(random.integers(1, categories + 1))
                score = int(random.integers(0, 12)) / 16
                found.append([image, category, score, *moved(numbers, random.choice([0, 0.05, 0.2]))])
        found.append([image, 1, 0.5, *shape(limit)])
    return truths, found


def coco_scores(truths, found):
    images = [{"id": i, "width": SIZE, "height": SIZE} for i in range(1, 60)]
    annotations, results = [], []
    for index, (image, category, crowd, area, *numbers) in enumerate(truths):
        annotations.append(
            {"id": index + 1, "image_id": image, "category_id": category, "iscrowd": crowd}
            | {"area": area, "segmentation": coco.encode(draw(*numbers)), "bbox": [0, 0, 1, 1]}
        )
    for image, category, score, *numbers in found:
        results.append(
            {"image_id": image, "category_id": category, "score": score}
            | {"segmentation": coco.encode(draw(*numbers))}
        )
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "images": images,
            "annotations": annotations,
            "categories": [{"id": i, "name": str(i)} for i in range(1, 9)],
        }
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "segm")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


def voc_scores(truths, found, threshold):
    """Mean average precision of VOC 2010 and later, as chainercv computes it for masks."""
    values = []
    for category in sorted({t[1] for t in truths if not t[2]}):
        taken, hits = set(), []
        total = sum(t[1] == category and not t[2] for t in truths)
        for row in sorted((f for f in found if f[1] == category), key=lambda f: -f[2]):
            best, overlap = None, -1.0
            for index, truth in enumerate(truths):
                if truth[0] == row[0] and truth[1] == category and not truth[2]:
                    a, b = draw(*row[3:]), draw(*truth[4:])
                    iou = (a & b).sum() / (a | b).sum()
                    if iou > overlap:
                        best, overlap = index, iou
            hit = best is not None and overlap >= threshold and best not in taken
            hits.append(hit)
            if hit:
                taken.add(best)
        hits = np.array(hits, bool)
        right = np.cumsum(hits)
        precision = np.concatenate([[0], right / np.arange(1, len(hits) + 1), [0]])
        recall = np.concatenate([[0], right / total, [1]])
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        steps = np.flatnonzero(recall[1:] != recall[:-1])
        values.append(((recall[steps + 1] - recall[steps]) * precision[steps + 1]).sum())
    return np.mean(values)


cases = []
for name, arguments in {
    "all sizes": (30, 6, 3, 200, 3),
    "one picture": (1, 70, 12, 60, 1),
    "small only": (5, 3, 2, 20, 2),
}.items():
    truths, found = data(*arguments)
    stats = coco_scores(truths, found)
    attributes = {f"stat{index}": value for index, value in enumerate(stats)}
    if name != "one picture":
        attributes |= {f"voc{t}": voc_scores(truths, found, t / 100) for t in (25, 50, 70, 75)}
    tensors = {"truths": np.array(truths), "found": np.array(found)}
    assert name != "one picture" or len(found) > 150
    cases.append(golden_file.case(name, tensors, **attributes))

path = pathlib.Path(__file__).with_name("instances.json")
golden_file.write(path, cases, pycocotools="2.0.11", numpy=np.__version__)

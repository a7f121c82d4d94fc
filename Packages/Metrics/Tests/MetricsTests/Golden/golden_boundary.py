"""Boundary IoU per class with OpenCV's erosion, as in Cheng et al.'s `mask_to_boundary`."""

import pathlib

import cv2
import golden_file
import numpy as np

random = np.random.default_rng(4)


def boundary(mask, ratio):
    height, width = mask.shape
    distance = max(1, int(round(ratio * np.sqrt(height**2 + width**2))))
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    eroded = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=distance)
    return mask - eroded[1:-1, 1:-1]


def scene(height, width, classes):
    labels = np.zeros((height, width), np.uint8)
    for _ in range(5):
        center = random.uniform(0, 1, 2) * (width, height)
        size = random.uniform(0.1, 0.5, 2) * (width, height)
        label = int(random.integers(0, classes))
        angle = random.uniform(0, 180)
        box = (tuple(center), tuple(size), angle)
        cv2.ellipse(labels, box, label, -1) if random.random() < 0.5 else cv2.fillPoly(
            labels, [cv2.boxPoints(box).astype(np.int32)], label
        )
    return labels


cases = []
for height, width, ratio in [(1, 1, 0.02), (3, 40, 0.02), (60, 47, 0.02), (61, 80, 0.05)]:
    classes = 4
    target = scene(height, width, classes)
    moved = np.roll(target, (2, -1), (0, 1))
    noise = random.random(target.shape) < 0.01
    prediction = np.where(noise, random.integers(0, classes, target.shape), moved).astype(np.uint8)
    if height > 10:
        target[5:20, 10:14] = 255
        prediction[30:40, 3:20] = 255
    visible = np.where(target == 255, 255, prediction)
    common, union = np.zeros(classes), np.zeros(classes)
    for label in range(classes):
        a = boundary((visible == label).astype(np.uint8), ratio)
        b = boundary((target == label).astype(np.uint8), ratio)
        common[label], union[label] = (a & b).sum(), (a | b).sum()
    tensors = {"target": target, "prediction": prediction, "common": common, "union": union}
    cases.append(golden_file.case(f"{height} x {width}", tensors, ratio=ratio))

path = pathlib.Path(__file__).with_name("boundary.json")
golden_file.write(path, cases, opencv=cv2.__version__, numpy=np.__version__)

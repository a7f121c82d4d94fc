"""Confusion matrix of 1000 label maps of 500 x 375 with numpy's bincount, the usual way in Python.

Sixteen pairs of maps in turn; ours (fbr bench metrics/) counts the same scenes.
"""

import argparse
import json
import resource
import statistics
import time

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, help="accepted for all peers; bincount uses one")
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("--flat", action="store_true", help="scenes of flat regions, else noise")
arguments = parser.parse_args()

HEIGHT, WIDTH, CLASSES, PAIRS, MAPS = 375, 500, 21, 16, 1000


def scene(index, shift):
    """Five ellipses of one class each, the truth with a border to ignore; see MetricsBenchmarks."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.int64)
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    for part in range(5):
        center_y, center_x = (index * 37 + part * 71) % HEIGHT, (index * 53 + part * 97) % WIDTH
        radius = 40 + (index * 13 + part * 29) % 60
        label = 1 + (index * 7 + part * 5) % (CLASSES - 1)
        distance = (y - center_y) ** 2 + (x - center_x - shift) ** 2
        if shift == 0:
            labels[distance < (radius + 3) ** 2] = 255
        labels[distance < radius**2] = label
    return labels


def noise(index, shift):
    """A label a pixel without any order."""
    position = np.arange(HEIGHT * WIDTH, dtype=np.uint64) + np.uint64(index * 1000003 + shift)
    mixed = (position * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    return ((mixed >> np.uint64(16)) % np.uint64(CLASSES)).astype(np.uint8)


base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
make = scene if arguments.flat else noise
predictions = [make(index, 6) for index in range(PAIRS)]
targets = [make(index, 0) for index in range(PAIRS)]
times = []
for _ in range(arguments.runs):
    start = time.perf_counter()
    matrix = np.zeros((CLASSES, CLASSES), np.int64)
    for index in range(MAPS):
        prediction, target = predictions[index % PAIRS], targets[index % PAIRS]
        known = target < CLASSES
        pairs = CLASSES * target[known].astype(int) + prediction[known]
        matrix += np.bincount(pairs, minlength=CLASSES**2).reshape(CLASSES, CLASSES)
    times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"medianMs": statistics.median(times), "baseMiB": base}))

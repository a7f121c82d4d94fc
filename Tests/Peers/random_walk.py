"""A random walk by scipy's sparse products: 256 of them, the matrix being ready.

Ours (fbr bench walk/) is timed with all it does: affinities, powers, normalisation and steps.
"""

import argparse
import json
import math
import resource
import statistics
import time

import numpy as np
import scipy.sparse

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, help="accepted for all peers; scipy's product uses one")
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("--height", type=int, default=128)
parser.add_argument("--width", type=int, default=128)
parser.add_argument("--maps", type=int, default=3)
parser.add_argument("--radius", type=int, default=5)
arguments = parser.parse_args()

height, width, radius = arguments.height, arguments.width, arguments.radius
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
pixel = np.arange(height * width, dtype=np.uint64)
mixed = (pixel * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
boundary = ((mixed >> np.uint64(16)) % np.uint64(1000)).astype(np.float32) / 2000
boundary = boundary.reshape(height, width)


def path(dy, dx):
    return [
        (y, x) for y in range(dy + 1) for x in range(min(0, dx), max(0, dx) + 1)
        if abs(dy * x - dx * y) / math.hypot(dy, dx) < 1
    ]


index = np.arange(height * width).reshape(height, width)
rows, columns, values = [index.ravel()], [index.ravel()], [np.ones(height * width, np.float32)]
for dy in range(radius):
    for dx in range(1 - radius, radius):
        if (dy == 0 and dx <= 0) or dy * dy + dx * dx >= radius * radius:
            continue
        left, right = max(0, -dx), min(width, width - dx)
        most = np.max([
            boundary[y:height - dy + y, left + x:right + x] for y, x in path(dy, dx)], axis=0)
        weight = ((1 - most) ** 10).ravel()
        first = index[:height - dy, left:right].ravel()
        second = index[dy:, left + dx:right + dx].ravel()
        rows += [first, second]
        columns += [second, first]
        values += [weight, weight]
matrix = scipy.sparse.csr_matrix(
    (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), dtype=np.float32)
matrix = scipy.sparse.csr_matrix(scipy.sparse.diags(1 / np.asarray(matrix.sum(0)).ravel()) @ matrix)
maps = np.random.default_rng(1).random((height * width, arguments.maps), np.float32)
times = []
for _ in range(arguments.runs):
    walked = maps
    start = time.perf_counter()
    for _ in range(256):
        walked = matrix @ walked
    times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"medianMs": statistics.median(times), "baseMiB": base}))

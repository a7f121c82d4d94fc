"""K-means with K = 8 of 1024 x 128 embeddings by scikit-learn: one seeding, its default stop."""

import argparse
import json
import resource
import statistics
import time

import numpy as np
from sklearn.cluster import KMeans

import embeddings

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, help="by OMP_NUM_THREADS, which the caller sets")
parser.add_argument("--runs", type=int, default=51)
parser.add_argument("--images", type=int, default=1)
arguments = parser.parse_args()

base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
images = embeddings.mixture(np.random.default_rng(2), arguments.images, 1024)
times = []
for run in range(arguments.runs + 1):
    start = time.perf_counter()
    for rows in images:
        KMeans(8, n_init=1, random_state=run).fit(rows)
    if run:
        times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"medianMs": statistics.median(times), "baseMiB": base}))

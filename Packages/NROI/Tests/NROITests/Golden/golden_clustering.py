"""Groupings by scikit-learn: K-means' inertia, agglomerative and DBSCAN groups.

Data: a Gaussian mixture, and scikit-learn's digits (real 8 x 8 pictures, 64 numbers a row).
"""

import pathlib

import golden_file
import numpy as np
import sklearn
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.datasets import load_digits

random = np.random.default_rng(7)
centers = random.normal(size=(6, 5)) * 3
mixture = (centers[random.integers(0, 6, size=240)] + random.normal(size=(240, 5)) * 0.6).astype(
    np.float32
)
digits = load_digits().data[:400].astype(np.float32)


def inertia(rows, k, runs):
    """The median over single runs, and the best of them."""
    values = [
        KMeans(k, n_init=1, random_state=seed).fit(rows.astype(np.float64)).inertia_
        for seed in range(runs)
    ]
    return np.array([np.median(values), min(values)])


cases = []
for name, rows in (("mixture", mixture), ("digits", digits)):
    tensors = {"rows": rows}
    for k in (4, 6, 8, 16):
        tensors[f"inertia{k}"] = inertia(rows, k, 50)
    for linkage in ("ward", "average"):
        tensors[linkage] = AgglomerativeClustering(6, linkage=linkage).fit(rows).labels_
    radius, neighbors = (1.2, 5) if name == "mixture" else (22.0, 5)
    labels = DBSCAN(eps=radius, min_samples=neighbors).fit(rows).labels_
    assert 2 < labels.max() + 1 < 40 and (labels == -1).sum() > 3, labels
    tensors["dbscan"] = labels
    cases.append(golden_file.case(name, tensors, radius=radius, neighbors=neighbors))

golden_file.write(
    pathlib.Path(__file__).with_name("clustering.json"),
    cases,
    **{"scikit-learn": sklearn.__version__, "numpy": np.__version__},
)

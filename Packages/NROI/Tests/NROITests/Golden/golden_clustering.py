"""Groupings by scikit-learn: K-means' inertia, agglomerative and DBSCAN groups; diversity by numpy.

Data: a Gaussian mixture, and scikit-learn's digits (real 8 x 8 pictures, 64 numbers a row).
"""

import pathlib

import golden_file
import numpy as np
import sklearn
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans, MiniBatchKMeans
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


def diversity(rows, groups):
    """Within and between distances, effective rank, share of near duplicates at cosine 0.99."""
    rows = rows.astype(np.float64)
    centroids = np.stack([rows[groups == g].mean(0) for g in range(groups.max() + 1)])
    within = np.linalg.norm(rows - centroids[groups], axis=1).mean()
    pairs = np.triu_indices(len(centroids), 1)
    between = np.linalg.norm(centroids[pairs[0]] - centroids[pairs[1]], axis=1).mean()
    singular = np.linalg.svd(rows - rows.mean(0), compute_uv=False)
    shares = singular[singular > 1e-9 * singular[0]] / singular.sum()
    directions = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = directions @ directions.T - 2 * np.eye(len(rows))
    return np.array([
        within, between, np.exp(-(shares * np.log(shares)).sum()), (cosines.max(1) >= 0.99).mean()
    ])


cases = []
for name, rows in (("mixture", mixture), ("digits", digits)):
    tensors = {"rows": rows}
    for k in (4, 6, 8, 16):
        tensors[f"inertia{k}"] = inertia(rows, k, 50)
    for linkage in ("ward", "average"):
        tensors[linkage] = AgglomerativeClustering(6, linkage=linkage).fit(rows).labels_
    tensors["diversity"] = diversity(rows, tensors["ward"])
    tensors["miniBatch8"] = np.median([
        MiniBatchKMeans(8, batch_size=64, n_init=1, random_state=seed).fit(rows).inertia_
        for seed in range(50)
    ])
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

"""Silhouette by scikit-learn, distances and correlations by numpy and scipy."""

import pathlib

import golden_file
import numpy as np
import scipy
import sklearn
from scipy.spatial.distance import pdist
from sklearn.metrics import silhouette_score

random = np.random.default_rng(6)
cases = []
for count, depth, clusters in [(4, 2, 2), (17, 5, 3), (90, 8, 5)]:
    centers = random.normal(size=(clusters, depth)) * 2
    groups = np.concatenate([np.arange(clusters), random.integers(0, clusters, count - clusters)])
    rows = (centers[groups] + random.normal(size=(count, depth))).astype(np.float32)
    exact = rows.astype(np.float64)
    centroids = np.stack([exact[groups == c].mean(0) for c in range(clusters)])
    cosine = exact @ exact.T / np.linalg.norm(exact, axis=1) / np.linalg.norm(exact, axis=1)[:, None]
    other = (cosine + random.normal(size=(count, count)) * 0.5).astype(np.float32)
    cosine = cosine.astype(np.float32)
    mask = ~np.eye(count, dtype=bool)
    tensors = {"rows": rows, "groups": groups}
    if count < 50:
        tensors |= {"first": cosine, "second": other}
    cases.append(
        golden_file.case(
            f"{count} x {depth}",
            tensors,
            within=np.linalg.norm(exact - centroids[groups], axis=1).mean(),
            between=pdist(centroids).mean(),
            silhouette=silhouette_score(exact, groups),
            correlation=np.corrcoef(
                cosine[mask].astype(np.float64), other[mask].astype(np.float64)
            )[0, 1],
        )
    )

path = pathlib.Path(__file__).with_name("diagnostics.json")
golden_file.write(
    path,
    cases,
    **{"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
)

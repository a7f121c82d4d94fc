"""Average precision and F1 by scikit-learn; scores in few steps, so that many are equal."""

import pathlib

import golden_file
import numpy as np
import sklearn
from sklearn.metrics import average_precision_score, f1_score

random = np.random.default_rng(2)
cases = []
for images, classes, steps in [(1, 1, 4), (15, 3, 4), (17, 5, 10), (120, 4, 1000)]:
    labels = (random.random((images, classes)) < 0.3).astype(np.float32)
    labels[0] = 1
    scores = np.round((0.5 * labels + random.random((images, classes))) / 1.5 * steps) / steps
    scores = scores.astype(np.float32)
    predicted = scores > 0.5
    tensors = {
        "labels": labels,
        "scores": scores,
        "ap": [average_precision_score(labels[:, c], scores[:, c]) for c in range(classes)],
        "f1": f1_score(labels, predicted, average=None)
        if classes > 1
        else [f1_score(labels[:, 0], predicted[:, 0])],
    }
    micro = f1_score(labels.ravel(), predicted.ravel())
    cases.append(golden_file.case(f"{images} x {classes}", tensors, micro=micro))

path = pathlib.Path(__file__).with_name("classification.json")
golden_file.write(path, cases, **{"scikit-learn": sklearn.__version__})

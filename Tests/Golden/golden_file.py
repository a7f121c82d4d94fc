"""Writes golden files: numbers of a peer library that our tests compare with.

Each package's `Tests/*/Golden/golden*.py` imports this module (`make golden` sets PYTHONPATH);
`TensorTestSupport.GoldenFile` reads the files.
"""

import json

import numpy as np


def array(values):
    """An array (numpy or torch) as a JSON object; nine significant digits hold a float exactly."""
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    values = np.asarray(values, dtype=np.float32)
    assert np.isfinite(values).all(), "JSON has no NaN or infinity"
    return {"shape": list(values.shape), "values": [float(f"{v:.9g}") for v in values.ravel()]}


def case(name, tensors, **attributes):
    """One computation: `tensors` maps names to arrays, `attributes` are numbers."""
    return {
        "name": name,
        "attributes": {key: float(value) for key, value in attributes.items()},
        "tensors": {key: array(value) for key, value in tensors.items()},
    }


def write(path, cases, **versions):
    """Writes the cases with the versions of the libraries that made them."""
    with open(path, "w") as file:
        json.dump({"versions": versions, "cases": cases}, file, separators=(",", ":"))
        file.write("\n")

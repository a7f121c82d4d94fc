"""Class activation maps as the codes of IRN and PSA save them, and pickles that must be refused.

Values are simple sequences, so that the tests can state them. Files hold the versions they were
written with where they can.
"""

import os
import pathlib

import numpy as np
import torch

here = pathlib.Path(__file__).parent


def maps(count, height, width):
    return np.arange(count * height * width, dtype="f4").reshape(count, height, width) / 32


# IRN: `valid_cat` and the strided maps are tensors, the others an array; the order of classes is
# that of the labels.
np.save(
    here / "irn.npy",
    {"keys": torch.tensor([14, 2]), "cam": torch.from_numpy(maps(2, 2, 3)), "high_res": maps(2, 4, 5)},
)
# Its relatives: arrays only, no full size, half precision, transposed in memory.
np.save(here / "irn_cam.npy", {"keys": np.array([0]), "cam": maps(1, 2, 3).astype("f2")})
np.save(
    here / "irn_fortran.npy",
    {"keys": [1, 5], "high_res": np.asfortranarray(maps(2, 3, 4)), "versions": f"numpy {np.__version__}"},
)
# PSA: a map for each class that is there.
np.save(here / "psa.npy", {7: maps(1, 3, 4)[0], 3: maps(2, 3, 4)[1]})

# What holds no maps.
np.save(here / "other.npy", {"keys": np.array([0, 1]), "logits": np.zeros(3, "f4")})
np.save(here / "mismatch.npy", {"keys": np.array([0, 1]), "cam": maps(1, 2, 3)})
np.save(here / "nan.npy", {"keys": np.array([0]), "cam": np.full((1, 2, 2), np.nan, "f4")})
np.save(here / "key.npy", {"keys": np.array([-1]), "cam": maps(1, 2, 2)})


class Command:
    """Runs a command when it is unpickled."""

    def __reduce__(self):
        return os.system, ("touch /tmp/owned",)


class Call:
    def __reduce__(self):
        return eval, ("1 + 1",)


np.save(here / "command.npy", {"keys": np.array([0]), "cam": Command()})
np.save(here / "call.npy", Call())

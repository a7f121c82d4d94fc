"""Small files by NumPy, PyTorch and safetensors, which our readers must understand.

Values are simple sequences, so that the tests can state them.
"""

import io
import pathlib
import zipfile

import numpy as np
import safetensors.numpy
import safetensors.torch
import torch

here = pathlib.Path(__file__).parent
count = np.arange(6).reshape(2, 3)

for name in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8".split():
    values = count / 2 - 1 if name[0] == "f" else count - (2 if name[0] == "i" else 0)
    np.save(here / f"{name}.npy", values.astype(name))
np.save(here / "bool.npy", count % 2 == 1)
np.save(here / "fortran.npy", np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4)))
np.save(here / "big_endian.npy", count.astype(">i4"))
np.save(here / "scalar.npy", np.float64(2.5))
np.save(here / "empty.npy", np.zeros((0, 3), "f4"))
for version in (2, 3):
    with open(here / f"version{version}.npy", "wb") as file:
        np.lib.format.write_array(file, count.astype("f4"), version=(version, 0))
np.savez(here / "stored.npz", a=count.astype("f4"), b=np.array([2**40, -3]))
np.savez_compressed(here / "deflated.npz", a=np.zeros((50, 40), "f4"), b=count.astype("u1"))

# As IRN stores class activation maps: tensors and an array in a dictionary.
np.save(
    here / "irn.npy",
    {
        "keys": torch.tensor([3, 7]),
        "cam": torch.arange(12, dtype=torch.float32).reshape(2, 2, 3),
        "high_res": np.arange(24, dtype="f4").reshape(2, 3, 4),
        "count": np.int64(5),
    },
)

base = torch.arange(24, dtype=torch.float32)
state = {
    "plain": base.reshape(2, 3, 4),
    "part": base[4:10].reshape(2, 3),
    "turned": base.reshape(4, 6).t(),
    "stepped": base[::5],
    "expanded": torch.tensor([1.5]).expand(3, 2),
    "half": torch.tensor([0.5, -2.0]).half(),
    "brain": torch.tensor([1.0, 3.0]).bfloat16(),
    "long": torch.tensor([2**40, -1]),
    "flag": torch.tensor([True, False, True]),
    "scalar": torch.tensor(7),
    "empty": torch.zeros(0, 4),
    "weight": torch.nn.Parameter(torch.tensor([[1.0, 2.0]])),
}
module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
with torch.no_grad():
    for i, p in enumerate(module.parameters()):
        p.fill_(i + 1)
checkpoint = {"state_dict": state, "epoch": 3, "rate": 0.5, "name": "a", "list": [1, (2, None)]}
for legacy in (False, True):
    suffix = "legacy" if legacy else "zip"
    torch.save(
        checkpoint, here / f"checkpoint_{suffix}.pth",
        _use_new_zipfile_serialization=not legacy,
    )
    torch.save(
        module.state_dict(), here / f"module_{suffix}.pth",
        _use_new_zipfile_serialization=not legacy,
    )


class Harmful:
    def __reduce__(self):
        return print, ("this must never run",)


torch.save({"a": Harmful()}, here / "harmful.pth")

safetensors.torch.save_file(
    {
        "f32": base.reshape(2, 3, 4), "f16": torch.tensor([0.5, -2.0]).half(),
        "bf16": torch.tensor([1.0, 3.0]).bfloat16(), "i64": torch.tensor([2**40, -1]),
        "flag": torch.tensor([True, False]), "scalar": torch.tensor(7.0),
        "empty": torch.zeros(0, 4),
    },
    here / "arrays.safetensors", metadata={"format": "pt", "note": "a \"quoted\" line\n"},
)

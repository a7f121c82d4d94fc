"""The files PyTorch writes for a small model: zip, legacy, nested and data-parallel."""

import os

import torch
from golden_file import case, write
from shared import fill, images
from torch import nn

model = fill(nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU())).eval()
image = images(1000, 1, 5, 7)
folder = os.path.dirname(os.path.abspath(__file__))
state = {name: value.float() if value.is_floating_point() else value
         for name, value in model.state_dict().items()}
parallel = {f"module.{name}": value for name, value in state.items()}
torch.save({"epoch": 3, "state_dict": parallel}, os.path.join(folder, "small_zip.pth"))
legacy = {**state, "fc.weight": torch.zeros(2, 4)}
del legacy["1.num_batches_tracked"]
torch.save(legacy, os.path.join(folder, "small_legacy.pth"), _use_new_zipfile_serialization=False)
output = model(image).permute(0, 2, 3, 1)
write(
    os.path.join(folder, "weights.json"), [case("output", {"output": output})],
    torch=torch.__version__)

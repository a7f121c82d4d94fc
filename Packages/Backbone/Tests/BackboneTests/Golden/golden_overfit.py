"""Losses of ResNet-18 that learns 32 random images by heart: 50 SGD steps, batch norm training."""

import os

import torch
import torchvision
from golden_file import case, write
from shared import fill, images

STEPS, CLASSES, RATE = 50, 8, 0.001


def main():
    network = fill(torchvision.models.resnet18(weights=None, num_classes=CLASSES)).train()
    pictures = images(1000, 32, 32, 32)
    labels = torch.arange(32) % CLASSES
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE, momentum=0.9, weight_decay=1e-4)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(pictures), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print([f"{loss:.5f}" for loss in losses])
    write(
        os.path.splitext(__file__)[0].replace("golden_", "") + ".json",
        [case("resnet18", {"losses": losses}, classes=CLASSES, rate=RATE)],
        torch=torch.__version__, torchvision=torchvision.__version__)


main()

"""A network with fixed batch norms, as `fbr bench` runs it: inference, or training with SGD.

Prints {"medianMs": ..., "baseMiB": ...}: the second is what importing the libraries cost.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import time

import torch
import torchvision

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Packages/Backbone/Tests/BackboneTests/Golden"))
from networks import EfficientNetLite, ResNet38  # noqa: E402


def resident_mib():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


class Features(torch.nn.Module):
    """A network's last stage."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, images):
        return self.network.stages(images)[-1]


def resnet50():
    network = torchvision.models.resnet50(
        weights=None, replace_stride_with_dilation=[False, False, True]
    )
    return torch.nn.Sequential(*list(network.children())[:-2])


NETWORKS = {
    "resnet50": resnet50,
    "efficientnet-lite0": lambda: Features(EfficientNetLite(1, 1, output_stride=16, classes=0)),
    "resnet38": lambda: Features(ResNet38()),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", choices=sorted(NETWORKS))
    parser.add_argument("work", choices=["forward", "training"])
    parser.add_argument("--side", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    base = resident_mib()

    network = NETWORKS[arguments.network]().eval()
    images = torch.randn(arguments.batch, 3, arguments.side, arguments.side)
    if arguments.channels_last:
        network = network.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    with torch.no_grad():
        upstream = torch.randn_like(network(images[:1])).repeat(arguments.batch, 1, 1, 1)
    if arguments.channels_last:
        upstream = upstream.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-6, momentum=0.9)

    def forward():
        with torch.inference_mode():
            network(images)

    def training():
        optimizer.zero_grad()
        network(images).backward(upstream)
        optimizer.step()

    run = {"forward": forward, "training": training}[arguments.work]
    run()
    run()
    times = []
    for _ in range(arguments.runs):
        start = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"medianMs": statistics.median(times), "baseMiB": base}))


if __name__ == "__main__":
    main()

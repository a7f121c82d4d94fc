"""ResNet-50 at output stride 16 with fixed batch norms, as `fbr bench resnet50` runs it.

Prints {"medianMs": ..., "baseMiB": ...}: the second is what importing the libraries cost.
"""

import argparse
import json
import os
import statistics
import time

import torch
import torchvision


def resident_mib():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=["forward", "training"])
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    base = resident_mib()

    network = torchvision.models.resnet50(
        weights=None, replace_stride_with_dilation=[False, False, True]
    )
    stack = torch.nn.Sequential(*list(network.children())[:-2]).eval()
    images = torch.randn(arguments.batch, 3, 512, 512)
    upstream = torch.randn(arguments.batch, 2048, 32, 32)
    if arguments.channels_last:
        stack = stack.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
        upstream = upstream.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(stack.parameters(), lr=1e-6, momentum=0.9)

    def forward():
        with torch.inference_mode():
            stack(images)

    def training():
        optimizer.zero_grad()
        stack(images).backward(upstream)
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

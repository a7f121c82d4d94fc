"""IRN's loss in PyTorch the straightforward way: paths gathered pair by pair, then the maximum."""

import argparse
import json
import math
import resource
import statistics
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("--size", type=int, default=128)
parser.add_argument("--radius", type=int, default=10)
arguments = parser.parse_args()
torch.set_num_threads(arguments.threads)
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

batch, size, radius = arguments.batch, arguments.size, arguments.radius
margin = radius - 1
rows, columns = size - margin, size - 2 * margin
offsets = [
    (dy, dx) for dy in range(radius) for dx in range(1 - radius, radius)
    if (dy > 0 or dx > 0) and dy * dy + dx * dx < radius * radius
]


def path(dy, dx):
    return [
        (y, x) for y in range(dy + 1) for x in range(min(0, dx), max(0, dx) + 1)
        if abs(dy * x - dx * y) / math.hypot(dy, dx) < 1
    ]


index = torch.arange(size * size).reshape(size, size)
window = lambda y, x: index[y:y + rows, margin + x:margin + x + columns].reshape(-1)
# Paths of one length together: [pairs of an offset, offsets, pixels of a path].
by_length = {}
for offset in offsets:
    by_length.setdefault(len(path(*offset)), []).append(offset)
offsets = [offset for group in by_length.values() for offset in group]
paths = [
    torch.stack([torch.stack([window(*step) for step in path(*offset)]) for offset in group])
    for group in by_length.values()
]
source, target = window(0, 0), torch.stack([window(*offset) for offset in offsets])
ways = torch.tensor(offsets, dtype=torch.float32).T[None, :, :, None]

labels = torch.tensor([0, 0, 3, 7, 255, 255])[torch.randint(0, 6, (batch, 16, 16))]
labels = labels.repeat_interleave(size // 16, 1).repeat_interleave(size // 16, 2).flatten(1)
first, second = labels[:, source][:, None], labels[:, target]
valid, same = (first != 255) & (second != 255), first == second
background = (valid & same & (first == 0)).float()
foreground = (valid & same & (first > 0)).float()
different = (valid & ~same).float()
logits = torch.randn(batch, size * size, requires_grad=True)
moves = torch.randn(batch, 2, size * size, requires_grad=True)


def mean(terms, mask):
    return (terms * mask).sum() / (mask.sum() + 1e-5)


def loss():
    edge = torch.sigmoid(logits)
    affinity = torch.cat([
        1 - edge[:, group.reshape(-1)].reshape(batch, *group.shape).amax(2) for group in paths
    ], 1)
    near, far = -torch.log(affinity + 1e-5), -torch.log(1 + 1e-5 - affinity)
    apart = moves[:, :, source][:, :, None] - moves[:, :, target]
    return (
        (mean(near, background) + mean(near, foreground)) / 4 + mean(far, different) / 2
        + mean((apart - ways).abs().mean(1), foreground) / 2
        + mean(apart.abs().mean(1), background) / 2)


times = []
for _ in range(arguments.runs):
    start = time.perf_counter()
    loss().backward()
    times.append((time.perf_counter() - start) * 1000)
    logits.grad = moves.grad = None
print(json.dumps({"medianMs": statistics.median(times), "baseMiB": base}))

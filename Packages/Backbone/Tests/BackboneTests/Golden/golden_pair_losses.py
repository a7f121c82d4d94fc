"""Losses of IRN and PSA from their definition, pair by pair, with PyTorch's gradients in double."""

import math
import os

import numpy as np
import torch

import golden_file


def offsets(radius):
    below = [
        (dy, dx) for dy in range(1, radius) for dx in range(1 - radius, radius)
        if dy * dy + dx * dx < radius * radius
    ]
    return [(0, dx) for dx in range(1, radius)] + below


def path(dy, dx):
    """The pixels of the bounding box that are closer than 1 to the segment from 0 to the offset."""
    length = math.hypot(dy, dx)
    return [
        (y, x) for y in range(0, dy + 1) for x in range(min(0, dx), max(0, dx) + 1)
        if abs(dy * x - dx * y) / length < 1
    ]


def pairs(labels, radius, inner):
    """Every pair that counts: image, first pixel, offset, kind."""
    images, height, width = labels.shape
    margin = radius - 1 if inner else 0
    for n in range(images):
        for y in range(height - margin):
            for x in range(margin, width - margin):
                for dy, dx in offsets(radius):
                    if not (y + dy < height and 0 <= x + dx < width):
                        continue
                    a, b = labels[n, y, x], labels[n, y + dy, x + dx]
                    if a == 255 or b == 255:
                        continue
                    kind = "different" if a != b else "background" if a == 0 else "foreground"
                    yield n, y, x, dy, dx, kind


def mean(terms):
    return sum(terms) / len(terms) if terms else torch.zeros((), dtype=torch.float64)


def irn(boundary, displacement, labels, radius, inner):
    affinity = {"background": [], "foreground": [], "different": []}
    moved = {"background": [], "foreground": []}
    for n, y, x, dy, dx, kind in pairs(labels, radius, inner):
        steps = path(dy, dx)
        ys = torch.tensor([y + step[0] for step in steps])
        xs = torch.tensor([x + step[1] for step in steps])
        a = 1 - boundary[n, ys, xs].max()
        affinity[kind].append(
            -torch.log(1 + 1e-5 - a) if kind == "different" else -torch.log(a + 1e-5))
        if kind != "different":
            apart = displacement[n, y, x] - displacement[n, y + dy, x + dx]
            if kind == "foreground":
                apart = apart - torch.tensor([dy, dx], dtype=torch.float64)
            moved[kind].append(apart.abs().mean())
    return {**affinity, "moved_background": moved["background"],
            "moved_foreground": moved["foreground"]}


def psa(features, labels, radius, inner):
    affinity = {"background": [], "foreground": [], "different": []}
    for n, y, x, dy, dx, kind in pairs(labels, radius, inner):
        a = torch.exp(-(features[n, y, x] - features[n, y + dy, x + dx]).abs().mean())
        affinity[kind].append(
            -torch.log(1 + 1e-5 - a) if kind == "different" else -torch.log(a + 1e-5))
    return affinity


def total(parts):
    m = {key: mean(terms) for key, terms in parts.items()}
    loss = (m["background"] + m["foreground"]) / 4 + m["different"] / 2
    if "moved_background" in m:
        loss = loss + (m["moved_background"] + m["moved_foreground"]) / 2
    numbers = {"loss_" + key: float(value) for key, value in m.items()}
    numbers |= {"count_" + key: len(terms) for key, terms in parts.items()}
    return loss, numbers


def blocks(random, images, height, width, values):
    """Labels in blocks, as seeds are."""
    coarse = random.choice(values, (images, (height + 3) // 4, (width + 3) // 4))
    return coarse.repeat(4, 1).repeat(4, 2)[:, :height, :width]


def irn_case(name, seed, images, height, width, radius, inner, values):
    random = np.random.default_rng(seed)
    labels = blocks(random, images, height, width, values)
    # As floats, so that both sides start from the same numbers.
    logits = random.normal(-0.5, 1.5, (images, height, width)).astype(np.float32)
    moves = random.normal(0, 3, (images, height, width, 2)).astype(np.float32)
    logits = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    moves = torch.tensor(moves, dtype=torch.float64, requires_grad=True)
    loss, numbers = total(irn(torch.sigmoid(logits), moves, labels, radius, inner))
    if loss.requires_grad:
        loss.backward()
    zero = lambda value: torch.zeros_like(value) if value.grad is None else value.grad
    return golden_file.case(
        name, {"labels": labels, "logits": logits.unsqueeze(-1), "displacement": moves,
               "total": loss, "logits_gradient": zero(logits).unsqueeze(-1),
               "displacement_gradient": zero(moves)},
        radius=radius, inner=inner, **numbers)


def psa_case(name, seed, images, height, width, channels, radius, inner, values):
    random = np.random.default_rng(seed)
    labels = blocks(random, images, height, width, values)
    features = random.normal(0, 1, (images, height, width, channels)).astype(np.float32)
    features = torch.tensor(features, dtype=torch.float64, requires_grad=True)
    loss, numbers = total(psa(features, labels, radius, inner))
    if loss.requires_grad:
        loss.backward()
    gradient = torch.zeros_like(features) if features.grad is None else features.grad
    return golden_file.case(
        name, {"labels": labels, "features": features, "total": loss, "gradient": gradient},
        radius=radius, inner=inner, **numbers)


golden_file.write(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "pair_losses.json"),
    [
        irn_case("irn radius 10", 1, 2, 23, 29, 10, 1, [0, 0, 3, 7, 255]),
        irn_case("irn radius 5", 2, 2, 13, 17, 5, 1, [0, 2, 255]),
        irn_case("irn every pair", 3, 1, 9, 7, 5, 0, [0, 1, 4]),
        irn_case("irn wide", 4, 1, 6, 90, 4, 0, [0, 1, 255]),
        irn_case("irn one class", 5, 1, 12, 12, 5, 1, [6]),
        irn_case("irn unknown", 6, 1, 12, 12, 5, 1, [255]),
        psa_case("psa radius 5", 7, 2, 13, 15, 37, 5, 1, [0, 2, 9, 255]),
        psa_case("psa every pair", 8, 1, 7, 9, 70, 4, 0, [0, 1]),
        psa_case("psa background", 9, 1, 9, 9, 3, 3, 1, [0]),
    ],
    torch=torch.__version__)

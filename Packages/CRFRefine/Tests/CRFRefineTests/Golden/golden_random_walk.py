"""Random walks by their definition: dense matrices in double, squared as IRN and PSA do."""

import math
import os

import numpy as np

import golden_file


def offsets(radius):
    below = [
        (dy, dx) for dy in range(1, radius) for dx in range(1 - radius, radius)
        if dy * dy + dx * dx < radius * radius
    ]
    return [(0, dx) for dx in range(1, radius)] + below


def path(dy, dx):
    length = math.hypot(dy, dx)
    return [
        (y, x) for y in range(0, dy + 1) for x in range(min(0, dx), max(0, dx) + 1)
        if abs(dy * x - dx * y) / length < 1
    ]


def dense(height, width, radius, inner, affinity):
    """The symmetric matrix of all pixels, 1 on the diagonal."""
    matrix = np.eye(height * width)
    margin = radius - 1 if inner else 0
    for y in range(height - margin):
        for x in range(margin, width - margin):
            for dy, dx in offsets(radius):
                if y + dy < height and 0 <= x + dx < width:
                    i, j = y * width + x, (y + dy) * width + x + dx
                    matrix[i, j] = matrix[j, i] = affinity(y, x, dy, dx)
    return matrix


def walked(matrix, maps, beta, doublings):
    transition = matrix**beta
    transition /= transition.sum(0, keepdims=True)
    for _ in range(doublings):
        transition = transition @ transition
    height, width, classes = maps.shape
    return (maps.reshape(-1, classes).T @ transition).T.reshape(height, width, classes)


def smooth(random, height, width, count):
    """Blobs with sharp borders, as learned boundaries are."""
    y, x = np.mgrid[:height, :width]
    field = sum(
        np.sin(a * y / 6 + b * x / 7 + c)
        for a, b, c in random.uniform(-1.5, 1.5, (6, 3))
    )
    ridge = np.exp(-((field - 0.3) ** 2) * 12)
    return np.stack([np.roll(ridge, 3 * k, 1) for k in range(count)], -1)


def boundary_case(name, seed, height, width, classes, radius, beta, doublings, power=1.0, damp=0):
    random = np.random.default_rng(seed)
    boundary = (0.98 * smooth(random, height, width, 1)[..., 0] * random.uniform(
        0.7, 1, (height, width))).astype(np.float32)
    maps = (random.uniform(0, 1, (height, width, classes)) ** 3).astype(np.float32)
    edge = boundary.astype(np.float64)
    matrix = dense(height, width, radius, 0, lambda y, x, dy, dx: 1 - max(
        edge[y + step[0], x + step[1]] for step in path(dy, dx)))
    start = maps.astype(np.float64) ** power * (1 - edge[..., None] if damp else 1)
    return golden_file.case(
        name, {"boundary": boundary, "maps": maps,
               "walked": walked(matrix, start, beta, doublings)},
        radius=radius, beta=beta, doublings=doublings, power=power, damp=damp)


def feature_case(name, seed, height, width, classes, radius, beta, doublings, inner):
    random = np.random.default_rng(seed)
    features = (random.normal(0, 0.2, (height, width, 5)) + np.stack(
        [smooth(random, height, width, 1)[..., 0]] * 5, -1)).astype(np.float32)
    maps = random.uniform(0, 1, (height, width, classes)).astype(np.float32)
    f = features.astype(np.float64)
    matrix = dense(height, width, radius, inner, lambda y, x, dy, dx: math.exp(
        -np.abs(f[y, x] - f[y + dy, x + dx]).mean()))
    return golden_file.case(
        name, {"features": features, "maps": maps,
               "walked": walked(matrix, maps.astype(np.float64), beta, doublings)},
        radius=radius, beta=beta, doublings=doublings, inner=inner)


if __name__ == "__main__":
    golden_file.write(
        os.path.join(os.path.dirname(os.path.abspath(__file__)), "random_walk.json"),
        [
            boundary_case("radius 5, beta 10", 1, 31, 23, 3, 5, 10, 8, damp=1),
            boundary_case("radius 5, beta 8", 2, 17, 37, 2, 5, 8, 8),
            boundary_case("radius 10, beta 10", 3, 29, 27, 1, 10, 10, 8, damp=1),
            boundary_case("radius 10, beta 8", 4, 15, 33, 2, 10, 8, 8),
            boundary_case("powers and six maps", 5, 13, 11, 6, 5, 2.5, 6, power=1.3, damp=1),
            boundary_case("one row", 6, 1, 35, 1, 5, 10, 8),
            boundary_case("one column", 7, 35, 1, 1, 5, 10, 8),
            boundary_case("one pixel", 8, 1, 1, 2, 5, 10, 8),
            boundary_case("tall", 9, 67, 9, 2, 4, 10, 8, damp=1),
            feature_case("psa, every pair", 10, 21, 19, 3, 5, 8, 8, 0),
            feature_case("psa, inner pairs", 11, 19, 21, 3, 5, 8, 6, 1),
        ],
        numpy=np.__version__)

"""Instances by the steps of IRN, written out pixel by pixel in double."""

import math
import os

import numpy as np
from scipy import ndimage

import golden_file
from golden_random_walk import dense, path, walked


def centroids(field, steps):
    height, width, _ = field.shape
    ends = np.zeros((height, width, 2))
    for y in range(height):
        for x in range(width):
            cy, cx = float(y), float(x)
            for _ in range(steps):
                top, left, bottom, right = (
                    math.floor(cy), math.floor(cx), math.ceil(cy), math.ceil(cx))
                v, u = cy - top, cx - left
                move = (
                    field[bottom, right] * v * u + field[bottom, left] * v * (1 - u)
                    + field[top, right] * (1 - v) * u + field[top, left] * (1 - v) * (1 - u))
                cy = min(max(cy + move[0], 0), height - 1)
                cx = min(max(cx + move[1], 0), width - 1)
            ends[y, x] = np.round(cy), np.round(cx)
    return ends.astype(int)


def groups(field, steps, weakness):
    ends = centroids(field, steps)
    centres, _ = ndimage.label(np.hypot(field[..., 0], field[..., 1]) < weakness)
    return np.unique(centres[ends[..., 0], ends[..., 1]], return_inverse=True)[1].reshape(
        field.shape[:2])


def bilinear(maps, scale, height, width):
    """Enlarged by a whole factor, pixels being areas, and cropped."""
    def places(size, out):
        at = np.clip((np.arange(out) + 0.5) / scale - 0.5, 0, None)
        low = np.minimum(np.floor(at).astype(int), size - 1)
        return low, np.minimum(low + 1, size - 1), (at - low)
    y0, y1, v = places(maps.shape[0], height)
    x0, x1, u = places(maps.shape[1], width)
    v, u = v[:, None, None], u[None, :, None]
    return (
        maps[y0][:, x0] * (1 - v) * (1 - u) + maps[y0][:, x1] * (1 - v) * u
        + maps[y1][:, x0] * v * (1 - u) + maps[y1][:, x1] * v * u)


def scene(random, height, width, centres):
    """A displacement field towards the nearest centre, and a boundary between the cells."""
    y, x = np.mgrid[:height, :width]
    far = np.stack([np.hypot(y - cy, x - cx) for cy, cx in centres])
    nearest = far.argmin(0)
    ways = np.array(centres, float)[nearest] - np.stack([y, x], -1)
    field = 0.4 * ways + random.normal(0, 0.15, (height, width, 2))
    order = np.sort(far, 0)
    boundary = 0.9 * np.exp(-((order[1] - order[0]) / 2) ** 2) * random.uniform(
        0.8, 1, (height, width))
    return field.astype(np.float32), boundary.astype(np.float32), nearest


def case(name, seed, height, width, centres, classes, owner, stride, size, specks=(), steps=300,
         weakness=1.2):
    random = np.random.default_rng(seed)
    field, boundary, nearest = scene(random, height, width, centres)
    maps = np.stack([
        np.isin(nearest, owned) * random.uniform(0.3, 1, (height, width)) for owned in owner
    ], -1).astype(np.float32)
    for y, x in specks:  # four pixels of the last class behind a wall
        boundary[y - 1:y + 3, x - 1:x + 3] = 0.97
        boundary[y:y + 2, x:x + 2] = 0.02
        maps[y:y + 2, x:x + 2] = 0
        maps[y:y + 2, x:x + 2, -1] = 0.9
    group = groups(field.astype(np.float64), steps, weakness)
    edge = boundary.astype(np.float64)
    matrix = dense(height, width, 5, 0, lambda y, x, dy, dx: 1 - max(
        edge[y + step[0], x + step[1]] for step in path(dy, dx)))
    parts = np.concatenate([
        maps[..., k:k + 1].astype(np.float64) * (group[..., None] == np.arange(group.max() + 1))
        for k in range(len(classes))], -1)
    scores = bilinear(walked(matrix, parts * (1 - edge[..., None]), 10, 8), stride, *size)
    scores /= scores.max()
    winner = np.concatenate([np.full((*size, 1), 0.25), scores], -1).argmax(-1)
    ids, labels, values = np.zeros(size, int), [], []
    for index in range(parts.shape[-1]):
        components, count = ndimage.label(winner == index + 1)
        for component in range(1, count + 1):
            mask = components == component
            labels.append(classes[index // (group.max() + 1)])
            values.append(
                0 if mask.sum() < size[0] * size[1] * 0.01 else scores[..., index][mask].max())
            ids[mask] = len(labels)
    return golden_file.case(
        name, {"maps": maps, "classes": np.array(classes), "boundary": boundary,
               "displacement": field, "groups": group, "ids": ids, "labels": np.array(labels),
               "scores": np.array(values)},
        height=size[0], width=size[1], steps=steps, weakness=weakness)


if __name__ == "__main__":
    golden_file.write(
        os.path.join(os.path.dirname(os.path.abspath(__file__)), "instances.json"),
        [
            case("two classes", 1, 21, 29, [(5, 6), (14, 9), (8, 22), (16, 24)], [3, 17],
                 [[0, 2], [3]], 4, (83, 114), specks=[(3, 3), (10, 16)]),
            case("one class", 2, 17, 19, [(4, 5), (11, 13)], [8], [[0, 1]], 4, (67, 73)),
            case("equal size", 3, 15, 14, [(3, 3), (11, 10)], [1, 2], [[0], [1]], 1, (15, 14)),
        ],
        numpy=np.__version__)

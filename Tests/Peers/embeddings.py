"""Synthetic inputs of the FBR loss, distributed as those of `fbr bench contrast clustering`."""

import numpy as np

CLASSES, DEPTH, CENTERS = 20, 128, 12


def mixture(random, images, rows, depth=DEPTH):
    """Rows around twelve centres an image, not below 0, as embeddings after a ReLU are."""
    centers = random.normal(size=(images, CENTERS, depth))
    choice = random.integers(0, CENTERS, size=(images, rows))
    noise = random.normal(size=(images, rows, depth)) * 0.7
    picked = np.take_along_axis(centers, choice[..., None], 1)
    return np.maximum(picked + noise, 0).astype(np.float32)


def blobs(random, batch, size, classes=CLASSES, coarse=4):
    """Logits that vary smoothly over the picture, so that regions have an inside and a border."""
    anchors = random.normal(size=(batch, coarse + 1, coarse + 1, classes + 1)) * 2
    at = np.arange(size) * coarse / size
    low, share = at.astype(int), at - at.astype(int)
    rows = anchors[:, low] * (1 - share)[:, None, None] + anchors[:, low + 1] * share[:, None, None]
    share = share[:, None]
    return (rows[:, :, low] * (1 - share) + rows[:, :, low + 1] * share).astype(np.float32)


def image_labels(batch, classes=CLASSES):
    """One to three classes an image."""
    labels = np.zeros((batch, classes), np.float32)
    for image in range(batch):
        for offset in range(image % 3 + 1):
            labels[image, (image * 3 + offset) % classes] = 1
    return labels

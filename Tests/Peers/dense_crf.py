"""Dense CRF of a 500 x 375 picture with pydensecrf: lattices and ten iterations, as ours.

The same picture and energies as fbr bench crf/; the unary is there before, in each one's layout.
"""

import argparse
import json
import resource
import statistics
import time

import numpy as np
import pydensecrf.densecrf as dcrf

KERNELS = {"irn-seed": (50, 5), "psa": (80, 13)}  # sxy and srgb of the bilateral kernel

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, help="accepted for all peers; pydensecrf uses one")
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("--labels", type=int, required=True)
parser.add_argument("--preset", choices=KERNELS, default="irn-seed")
arguments = parser.parse_args()

HEIGHT, WIDTH, LABELS = 375, 500, arguments.labels


def hashed(values):
    mixed = (values.astype(np.uint64) * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    mixed ^= mixed >> np.uint64(15)
    return (mixed * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)


def scene():
    """Eight discs on a gradient with noise, and energies that know the discs."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.int64)
    disc = np.zeros((HEIGHT, WIDTH), np.int64)
    for part in range(1, 9):
        dy, dx = y - (part * 71 + 37) % HEIGHT, x - (part * 97 + 53) % WIDTH
        disc[dy * dy + dx * dx < (30 + part * 29 % 60) ** 2] = part
    pixel = y * WIDTH + x
    image = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    for channel in range(3):
        base = np.where(
            disc == 0,
            60 + y // 4 + x // 8 + 20 * channel,
            (disc * 83 + channel * 57) % 200 + 20 + x // 16,
        )
        noise = (hashed(pixel * 3 + channel) >> np.uint64(28)).astype(np.int64)
        image[:, :, channel] = base + noise - 8
    energies = np.empty((LABELS, HEIGHT * WIDTH), np.float32)
    for label in range(LABELS):
        noise = (hashed(pixel * LABELS + label) >> np.uint64(8)).astype(np.float32) / 16777216
        energies[label] = (np.where(label == disc % LABELS, 0.4, 2) + noise).ravel()
    return image, energies


base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
image, energies = scene()
times = []
for _ in range(arguments.runs):
    start = time.perf_counter()
    crf = dcrf.DenseCRF2D(WIDTH, HEIGHT, LABELS)
    crf.setUnaryEnergy(energies)
    crf.addPairwiseGaussian(sxy=3, compat=3)
    sxy, srgb = KERNELS[arguments.preset]
    crf.addPairwiseBilateral(sxy=sxy, srgb=srgb, rgbim=image, compat=10)
    marginals = np.array(crf.inference(10))
    times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"medianMs": statistics.median(times), "baseMiB": base}))

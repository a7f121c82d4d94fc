"""Decoding, resizing, colour jitter and batches with Pillow, torchvision and torch's DataLoader.

Of the JPEG files in the folder that FBR_PICTURES names, else of 128 drawn ones; ours
(fbr bench datasets/) draws the same.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import resource
import statistics
import tempfile
import time

import numpy as np
import torch
from PIL import Image
from torchvision import transforms

parser = argparse.ArgumentParser()
parser.add_argument("work", choices=["decode", "resize", "jitter", "loader"])
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("--size", type=int, nargs=2, metavar=("WIDTH", "HEIGHT"))
parser.add_argument("--bicubic", action="store_true")
parser.add_argument("--crop", type=int)
parser.add_argument("--jitter", action="store_true")
arguments = parser.parse_args()

HEIGHT, WIDTH, COUNT = 375, 500, 128


def drawn(index):
    """Waves of several lengths with a grain; see DatasetBenchmarks."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    position = (y * WIDTH + x + index * 1000003).astype(np.uint64)
    grain = ((position * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)) >> np.uint64(27)
    channels = [
        128 + np.sin((x * (c + 1) + index * 31) / 37) * 60
        + np.sin((y * 3 + x + c * 40) / 11) * 30 + grain.astype(np.float64) - 16
        for c in range(3)
    ]
    return Image.fromarray(np.stack(channels, axis=-1).clip(0, 255).astype(np.uint8))


def files():
    folder = os.environ.get("FBR_PICTURES")
    if folder:
        return sorted(pathlib.Path(folder).glob("*.jpg"))
    folder = pathlib.Path(tempfile.gettempdir(), "fbr-bench-pictures-peer")
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{index}.jpg" for index in range(COUNT)]
    for index, path in enumerate(paths):
        if not path.exists():
            drawn(index).save(path, quality=85)
    return paths


def decoded(path):
    return Image.open(path).convert("RGB")


class LongSide:
    """IRN's random_resize_long, bilinear."""

    def __call__(self, image):
        scale = random.randint(320, 640) / max(image.size)
        size = (round(image.size[0] * scale), round(image.size[1] * scale))
        return image.resize(size, Image.BILINEAR)


class Pictures(torch.utils.data.Dataset):
    def __init__(self, paths):
        jitter = [transforms.ColorJitter(0.3, 0.3, 0.3, 0.1)] if arguments.jitter else []
        self.paths = paths
        self.transform = transforms.Compose([
            LongSide(),
            transforms.RandomHorizontalFlip(),
            *jitter,
            transforms.RandomCrop(arguments.crop, pad_if_needed=True),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ])

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return self.transform(decoded(self.paths[index]))


torch.set_num_threads(1)
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
repeats = 1
if arguments.work == "decode":
    paths = files()
    pool = concurrent.futures.ThreadPoolExecutor(arguments.threads)

    def run():
        list(pool.map(decoded, paths))
elif arguments.work == "resize":
    picture, repeats = drawn(0), 50
    resampling = Image.BICUBIC if arguments.bicubic else Image.BILINEAR

    def run():
        for _ in range(repeats):
            picture.resize(arguments.size, resampling)
elif arguments.work == "jitter":
    picture, repeats = drawn(0), 20
    jitter = transforms.ColorJitter(0.3, 0.3, 0.3, 0.1)

    def run():
        for _ in range(repeats):
            jitter(picture)
else:
    loader = torch.utils.data.DataLoader(
        Pictures(files()), batch_size=16, shuffle=True, drop_last=True,
        num_workers=arguments.threads, persistent_workers=True,
    )

    def run():
        for _ in loader:
            pass


run()
times = []
for _ in range(arguments.runs):
    start = time.perf_counter()
    run()
    times.append((time.perf_counter() - start) * 1000 / repeats)
print(json.dumps({"medianMs": statistics.median(times), "baseMiB": base}))

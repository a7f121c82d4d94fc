"""Resized, cropped and recoloured pictures as Pillow, OpenCV and torchvision make them."""

import pathlib

import cv2
import golden_file
import numpy as np
import PIL
import torch
import torchvision
from PIL import Image, ImageEnhance
from torchvision.transforms import functional

random = np.random.default_rng(7)
height, width = 13, 19
y, x = np.mgrid[0:height, 0:width]
smooth = np.stack([x * 13, y * 19, 255 - x * 6 - y * 9], axis=-1).clip(0, 255)
noise = random.integers(0, 256, (height, width, 3))
# Smooth, noisy and flat parts, so that both rounding and clipping show.
pixels = np.where((x < 9)[..., None], smooth, noise).astype(np.uint8)
pixels[3:5, 2:7] = [255, 255, 255]
pixels[6:9, 2:7] = [0, 0, 0]
picture = Image.fromarray(pixels)
gray = picture.convert("L")
mask = random.integers(0, 21, (height, width)).astype(np.uint8)
cases = [golden_file.case("source", {"pixels": pixels, "gray": gray, "mask": mask})]

# The same, larger, smaller, one axis alone, and both orders of the passes.
sizes = [(13, 19), (26, 38), (17, 25), (7, 10), (3, 4), (1, 1), (13, 8), (30, 19), (5, 40)]
for h, w in sizes:
    images = {
        "antialiasedBilinear": picture.resize((w, h), Image.BILINEAR),
        "bicubic": picture.resize((w, h), Image.BICUBIC),
        "bilinear": cv2.resize(pixels, (w, h), interpolation=cv2.INTER_LINEAR),
        "gray": gray.resize((w, h), Image.BILINEAR),
        "mask": Image.fromarray(mask).resize((w, h), Image.NEAREST),
    }
    cases.append(golden_file.case(f"resize {h} {w}", images, height=h, width=w))

factors = [0, 0.4, 0.7, 1, 1.3, 1.9]
for factor in factors:
    images = {
        "brightness": ImageEnhance.Brightness(picture).enhance(factor),
        "contrast": ImageEnhance.Contrast(picture).enhance(factor),
        "saturation": ImageEnhance.Color(picture).enhance(factor),
    }
    cases.append(golden_file.case(f"color {factor}", images, factor=factor))

# Eight levels a channel, so that all sectors and ties of the hue are met.
levels = np.array([0, 1, 64, 100, 128, 200, 254, 255])
cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(16, 32, 3).astype(np.uint8)
cases.append(golden_file.case("cube", {"pixels": cube}))
for turn in [-0.5, -0.31, -0.1, 0, 0.05, 0.25, 0.5]:
    turned = functional.adjust_hue(Image.fromarray(cube), turn)
    cases.append(golden_file.case(f"hue {turn}", {"pixels": turned}, turn=turn))

for h, w in [(6, 8), (12, 18), (20, 26), (9, 30)]:
    cropped = functional.center_crop(picture, [h, w])
    cases.append(golden_file.case(f"center {h} {w}", {"pixels": cropped}, height=h, width=w))

tensor = functional.normalize(
    functional.to_tensor(picture), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
)
cases.append(golden_file.case("normalized", {"image": tensor.permute(1, 2, 0)}))

golden_file.write(
    pathlib.Path(__file__).with_name("transforms.json"),
    cases,
    pillow=PIL.__version__,
    opencv=cv2.__version__,
    torch=torch.__version__,
    torchvision=torchvision.__version__,
)

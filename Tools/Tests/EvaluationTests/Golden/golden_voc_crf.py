"""pydensecrf on ten VOC pictures: labels of every pixel and some marginals, for every preset.

Input are the pictures' masks, shifted and spoilt in blocks (`spoilt`), as VOCDenseCRFTests does it.
"""

import os
import sys

import numpy as np
import pydensecrf.densecrf as dcrf
from golden_file import case, write
from PIL import Image
from pydensecrf.utils import unary_from_labels, unary_from_softmax

HERE = os.path.dirname(os.path.abspath(__file__))
VOC = os.environ.get("FBR_VOC")
if VOC is None:
    print("FBR_VOC is not set: voc_crf.json stays as it is")
    sys.exit()
PRESETS = {  # sxy, compat; sxy, srgb, compat; iterations
    "irn-seed": (3, 3, 50, 5, 10, 10),
    "psa": (3, 3, 80, 13, 10, 10),
    "eps": (3, 3, 80, 13, 10, 5),
    "deeplab": (1, 3, 67, 3, 4, 10),
}
STRIDE = 1499  # of the pixels whose marginals are kept


def hashed(values):
    mixed = (values.astype(np.uint64) * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    return mixed ^ (mixed >> np.uint64(15))


def spoilt(truth, index):
    """Label indices 0...K-1 of the picture's classes, and K."""
    height, width = truth.shape
    known = np.where(truth == 255, 0, truth)
    classes = np.unique(np.append(known, 0))
    dy, dx = (index * 5) % 17 - 8, (index * 11) % 17 - 8
    labels = np.searchsorted(classes, np.roll(known, (dy, dx), (0, 1)))
    y, x = np.mgrid[:height, :width]
    mixed = hashed((y // 8) * 1009 + x // 8 + index * 1000003)
    noisy = mixed >> np.uint64(29) == 0
    noise = ((mixed >> np.uint64(8)) % np.uint64(len(classes))).astype(labels.dtype)
    return np.where(noisy, noise, labels), len(classes)


def scores(labels, count):
    """Most on the label, the rest shared, and noise."""
    pixel = np.arange(labels.size).reshape(labels.shape)
    result = np.empty((*labels.shape, count), np.float32)
    for label in range(count):
        noise = (hashed(pixel * count + label) >> np.uint64(8)).astype(np.float32) / 16777216
        base = np.where(labels == label, np.float32(0.55), np.float32(0.3) / np.float32(count))
        result[:, :, label] = base + noise * np.float32(0.25)
    return result


def infer(image, unary, options):
    height, width = image.shape[:2]
    sxy_gaussian, compat_gaussian, sxy, srgb, compat, iterations = options
    crf = dcrf.DenseCRF2D(width, height, unary.shape[0])
    crf.setUnaryEnergy(np.ascontiguousarray(unary))
    crf.addPairwiseGaussian(sxy=sxy_gaussian, compat=compat_gaussian)
    crf.addPairwiseBilateral(sxy=sxy, srgb=srgb, rgbim=image, compat=compat)
    return np.array(crf.inference(iterations)).T.reshape(height, width, -1)


masks = sorted(os.listdir(os.path.join(VOC, "SegmentationClass")))[::50][:10]
os.makedirs(os.path.join(HERE, "voc_crf"), exist_ok=True)
cases = []
for index, name in enumerate(masks):
    stem = name[: -len(".png")]
    picture = Image.open(os.path.join(VOC, "JPEGImages", stem + ".jpg")).convert("RGB")
    image = np.ascontiguousarray(np.array(picture))
    truth = np.array(Image.open(os.path.join(VOC, "SegmentationClass", name)))
    labels, count = spoilt(truth, index)
    softmax = unary_from_softmax(scores(labels, count).transpose(2, 0, 1))
    certain = unary_from_labels(labels, count, gt_prob=0.7, zero_unsure=False)
    maps, tensors = [], {}
    for preset, options in PRESETS.items():
        marginals = infer(image, certain if preset == "irn-seed" else softmax, options)
        maps.append(marginals.argmax(-1).astype(np.uint8))
        tensors[preset] = marginals.reshape(-1, count)[::STRIDE].round(5)
    cases.append(case(stem, tensors, index=index, labels=count))
    mask = Image.fromarray(np.concatenate(maps), "P")
    mask.putpalette([part for level in range(256) for part in (level * 60 % 256,) * 3])
    mask.save(os.path.join(HERE, "voc_crf", name), optimize=True)
write(os.path.join(HERE, "voc_crf.json"), cases, pydensecrf2="1.1", numpy=np.__version__)

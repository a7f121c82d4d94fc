"""Marginals of pydensecrf on small synthetic images: every preset, normalisation, compatibility."""

import os

import numpy as np
import pydensecrf.densecrf as dcrf
from golden_file import case, write
from pydensecrf.utils import unary_from_labels, unary_from_softmax

GAUSSIAN_BILATERAL = {  # sxy, compat; sxy, srgb, compat; iterations
    "irn-seed": (3, 3, 50, 5, 10, 10),
    "psa": (3, 3, 80, 13, 10, 10),
    "eps": (3, 3, 80, 13, 10, 5),
    "deeplab": (1, 3, 67, 3, 4, 10),
}
NORMALIZATIONS = {
    "none": dcrf.NO_NORMALIZATION,
    "before": dcrf.NORMALIZE_BEFORE,
    "after": dcrf.NORMALIZE_AFTER,
    "symmetric": dcrf.NORMALIZE_SYMMETRIC,
}
generator = np.random.default_rng(676)


def picture(height, width):
    """Discs on a gradient, with noise: smooth parts and edges."""
    y, x = np.mgrid[:height, :width]
    image = np.stack([60 + x * 2, 90 + y * 3, 140 - x], axis=-1).astype(float)
    for center_y, center_x, radius, color in [
        (height * 0.4, width * 0.3, height * 0.25, (200, 60, 40)),
        (height * 0.6, width * 0.7, height * 0.3, (40, 160, 220)),
    ]:
        image[(y - center_y) ** 2 + (x - center_x) ** 2 < radius**2] = color
    image += generator.normal(0, 4, image.shape)
    return np.ascontiguousarray(image.clip(0, 255).astype(np.uint8))


def labels(height, width, count):
    """Shifted, noisy discs."""
    y, x = np.mgrid[:height, :width]
    result = np.zeros((height, width), np.uint8)
    result[(y - height * 0.45) ** 2 + (x - width * 0.35) ** 2 < (height * 0.25) ** 2] = 1
    if count > 2:
        result[(y - height * 0.6) ** 2 + (x - width * 0.65) ** 2 < (height * 0.25) ** 2] = 2
    noise = generator.random((height, width)) < 0.1
    result[noise] = generator.integers(0, count, noise.sum())
    return result


def probabilities(height, width, count):
    logits = generator.normal(0, 1, (height, width, count)) * 0.7
    logits += 2 * np.eye(count)[labels(height, width, count)]
    exponentials = np.exp(logits)
    return (exponentials / exponentials.sum(-1, keepdims=True)).astype(np.float32)


def energies(unary):
    """pydensecrf's [K, pixels]."""
    return np.ascontiguousarray(unary.reshape(-1, unary.shape[-1]).T)


def marginals(crf, iterations, height, width):
    result = np.array(crf.inference(iterations))
    return result.T.reshape(height, width, -1)


def infer(image, unary, options):
    height, width = image.shape[:2]
    sxy_gaussian, compat_gaussian, sxy, srgb, compat, iterations = options
    crf = dcrf.DenseCRF2D(width, height, unary.shape[0])
    crf.setUnaryEnergy(unary)
    crf.addPairwiseGaussian(sxy=sxy_gaussian, compat=compat_gaussian)
    crf.addPairwiseBilateral(sxy=sxy, srgb=srgb, rgbim=image, compat=compat)
    return marginals(crf, iterations, height, width)


def preset_cases():
    for name, options in GAUSSIAN_BILATERAL.items():
        for height, width, count in [(17, 23, 3), (9, 13, 21), (16, 24, 2), (1, 1, 2), (1, 9, 5)]:
            image = picture(height, width)
            if name == "irn-seed":
                given = labels(height, width, count)
                unary = unary_from_labels(given, count, gt_prob=0.7, zero_unsure=False)
            else:
                given = probabilities(height, width, count)
                unary = unary_from_softmax(given.transpose(2, 0, 1))
            yield case(
                f"{name} {height}x{width}, {count} labels",
                {
                    "image": image,
                    "unary": given,
                    "marginals": infer(image, np.ascontiguousarray(unary), options),
                },
                labels=count,
            )


def kernel_cases():
    height, width, count = 19, 21, 4
    image = picture(height, width)
    unary = generator.normal(0, 1.5, (height, width, count)).astype(np.float32)
    yield case("kernel input", {"image": image, "unary": unary})
    matrix = generator.normal(0, 1, (count, count)).astype(np.float32) - 3 * np.eye(
        count, dtype=np.float32
    )
    diagonal = -np.array([1, 4, 2, 3], np.float32)
    compatibilities = {"potts": 5.0, "diagonal": diagonal, "matrix": matrix}
    for normalization, constant in NORMALIZATIONS.items():
        for name, compatibility in compatibilities.items():
            crf = dcrf.DenseCRF2D(width, height, count)
            crf.setUnaryEnergy(energies(unary))
            # Without normalisation messages grow with the number of similar pixels.
            scale = 0.02 if normalization == "none" else 1
            crf.addPairwiseGaussian(
                sxy=(3, 2), compat=2.0 * scale, normalization=constant
            )
            crf.addPairwiseBilateral(
                sxy=(11, 7),
                srgb=(20, 30, 25),
                rgbim=image,
                compat=compatibility * scale,
                normalization=constant,
            )
            tensors = {"marginals": marginals(crf, 4, height, width)}
            if name != "potts":
                tensors["compatibility"] = compatibility * scale
            yield case(f"{normalization}, {name}", tensors)


def wide_case():
    """More labels than fit the registers."""
    height, width, count = 8, 9, 40
    image = picture(height, width)
    unary = generator.normal(0, 1.5, (height, width, count)).astype(np.float32)
    result = infer(image, energies(unary), GAUSSIAN_BILATERAL["psa"])
    yield case("40 labels", {"image": image, "unary": unary, "marginals": result})


def feature_cases():
    # Of 4 n pixels: pydensecrf fills up the last four with features of 0, which touch vertices too.
    height, width, count = 9, 12, 3
    unary = generator.normal(0, 1, (height, width, count)).astype(np.float32)
    for dimension in range(1, 7):
        features = generator.normal(0, 1.2, (height, width, dimension)).astype(np.float32)
        crf = dcrf.DenseCRF(height * width, count)
        crf.setUnaryEnergy(energies(unary))
        crf.addPairwiseEnergy(energies(features), compat=3.0)
        yield case(
            f"{dimension} features",
            {
                "features": features,
                "unary": unary,
                "marginals": marginals(crf, 3, height, width),
            },
        )


def unary_cases():
    height, width, count = 7, 5, 3
    given = generator.integers(0, count + 1, (height, width))
    unary = unary_from_labels(given, count, gt_prob=0.6, zero_unsure=True)
    yield case("zero unsure", {"labels": given, "energies": unary.T.reshape(height, width, count)})
    softmax = probabilities(height, width, count)
    softmax[0, 0] = [0, 1, 0]
    for name, options in {
        "clip": {"clip": 1e-3},
        "scale": {"scale": 0.8, "clip": 1e-5},
    }.items():
        unary = unary_from_softmax(softmax.transpose(2, 0, 1), **options)
        yield case(
            name, {"probabilities": softmax, "energies": unary.T.reshape(height, width, count)}
        )


def seed_cases():
    """IRN's cam_to_ir_label: argmax with two background scores, each refined, then joined."""
    height, width = 21, 27
    image = picture(height, width)
    y, x = np.mgrid[:height, :width]
    classes = np.array([7, 3, 20])
    peaks = [(0.4, 0.3, 3.0), (0.6, 0.7, 3.5), (0.9, 0.1, 1.0)]
    maps = np.stack(
        [np.exp(-((y - height * a) ** 2 + (x - width * b) ** 2) / (2 * r**2)) for a, b, r in peaks],
        axis=-1,
    )
    maps = (maps + 0.04 * generator.random(maps.shape)).clip(0, 1).astype(np.float32)
    keys = np.concatenate([[0], classes])
    refined = []
    for threshold in [0.30, 0.05]:
        scores = np.concatenate([np.full((height, width, 1), threshold, np.float32), maps], axis=-1)
        unary = unary_from_labels(scores.argmax(-1), len(keys), gt_prob=0.7, zero_unsure=False)
        result = infer(image, unary, GAUSSIAN_BILATERAL["irn-seed"])
        refined.append(keys[result.argmax(-1)])
    foreground, background = refined
    seeds = foreground.copy()
    seeds[foreground == 0] = 255
    seeds[background + foreground == 0] = 0
    yield case(
        "seeds, thresholds", {"image": image, "maps": maps, "classes": classes, "seeds": seeds}
    )
    # PSA: the labels of AffinityNet, from a low and a high exponent.
    refined = []
    for exponent in [4, 16]:
        background = (1 - maps.max(-1, keepdims=True)) ** exponent
        scores = np.concatenate([background, maps], axis=-1)
        unary = np.ascontiguousarray(unary_from_softmax(scores.transpose(2, 0, 1)))
        refined.append(keys[infer(image, unary, GAUSSIAN_BILATERAL["psa"]).argmax(-1)])
    seeds = refined[0].copy()
    seeds[refined[0] == 0] = 255
    seeds[refined[1] == 0] = 0
    yield case("seeds, exponents", {"seeds": seeds})


write(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "dense_crf.json"),
    [*preset_cases(), *kernel_cases(), *feature_cases(), *wide_case(), *unary_cases(), *seed_cases()],
    pydensecrf2="1.1",
    numpy=np.__version__,
)

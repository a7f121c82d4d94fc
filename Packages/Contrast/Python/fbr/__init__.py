"""FBR's losses and K-means for numpy, computed by libfbrc.so; `fbr.torch` is the same for PyTorch.

Arrays are float32; images are [batch, height, width, channels]. Background is class 0.
"""

import ctypes
import dataclasses

import numpy as np

from ._library import (
    Batch, Clustering, Losses, RawConfiguration, call, floats, integers, library, pointer,
)

__all__ = [
    "Clusters", "Configuration", "Result", "info_nce", "k_means", "loss", "negative_regions",
    "seed_map", "set_threads",
]
__version__ = "0.1.0"

BACKGROUNDS = ("nroi", "pixels", "prototype", "none")
IGNORE = 255


@dataclasses.dataclass
class Configuration:
    """The constants of the losses, with the paper's defaults for the AMN route."""

    sure_share: float = 0.6
    """The share of a region that is sure by its score; its other pixels may be queries."""
    entropy_quantile: float = 0.25
    """The share of an image that is sure by its entropy."""
    score_floor: float = 0.05
    """Normalised scores not above it do not count for the quantile of a region."""
    temperature: float = 0.5
    intra_foreground_weight: float = 0.1
    foreground_background_weight: float = 0.05
    separation_weight: float = 0.1
    prototype_divisor: int = 32
    """A prototype takes the top height * width / prototype_divisor pixels of its class."""
    negatives: int = 256
    """Negatives a query."""
    per_class: bool = False
    """One draw a class instead of one a query."""
    background: str = "nroi"
    """What queries are pushed away from: nroi (the bank), pixels, prototype or none."""
    reference: bool = False
    """Repeat two defects of the public reference code, for comparison."""

    @classmethod
    def ppc(cls):
        """The values of the PPC/EPS route."""
        raw = RawConfiguration()
        library().fbr_default_configuration(1, ctypes.byref(raw))
        values = {name: getattr(raw, name) for name, _ in raw._fields_}
        return cls(**{
            **values, "background": BACKGROUNDS[raw.background],
            "per_class": bool(raw.per_class), "reference": bool(raw.reference),
        })

    def _raw(self):
        if self.background not in BACKGROUNDS:
            raise ValueError(f"background {self.background!r}, expected one of {BACKGROUNDS}")
        values = dataclasses.asdict(self)
        values["background"] = BACKGROUNDS.index(self.background)
        return RawConfiguration(**values)


@dataclasses.dataclass
class Result:
    """The losses of a step, each before its weight but `total`, and the gradients of `total`."""

    total: float
    foreground_background: float
    intra_foreground: float
    separation: float
    queries: int
    foreground_pixels: int
    background_pixels: int
    ignored_pixels: int
    classes: int
    gradient_foreground: np.ndarray | None = None
    gradient_background: np.ndarray | None = None

    @property
    def query_share(self):
        """Queries as a share of the foreground pixels."""
        return self.queries / self.foreground_pixels if self.foreground_pixels else 0.0


@dataclasses.dataclass
class Clusters:
    """Centroids [K, D], each row's centroid [N], inertia, and rounds of the best run."""

    centroids: np.ndarray
    assignments: np.ndarray
    inertia: float
    iterations: int


def set_threads(count):
    """The number of threads of all functions; at first FBR_THREADS, else all cores."""
    if count < 1:
        raise ValueError(f"{count} threads, expected 1 or more")
    library().fbr_set_threads(count)


def _batch(foreground, background, logits, image_labels, ignore, bank):
    """The C structure, and the arrays that it points to."""
    logits = floats("logits", logits, 4)
    images, height, width, channels = logits.shape
    image_labels = floats("image_labels", image_labels, 2)
    if image_labels.shape != (images, channels - 1):
        raise ValueError(
            f"image_labels {image_labels.shape} for logits {logits.shape}, "
            f"expected ({images}, {channels - 1})"
        )
    batch = Batch(
        batch=images, height=height, width=width, classes=channels - 1, logits=pointer(logits),
        image_labels=pointer(image_labels),
    )
    kept = [logits, image_labels]
    if foreground is not None:
        foreground = floats("foreground", foreground, 4)
        background = floats("background", background, 4)
        if foreground.shape[:3] != logits.shape[:3] or background.shape != foreground.shape:
            raise ValueError(
                f"foreground {foreground.shape} and background {background.shape} for logits "
                f"{logits.shape}, expected ({images}, {height}, {width}, D)"
            )
        batch.depth = foreground.shape[3]
        batch.foreground, batch.background = pointer(foreground), pointer(background)
        kept += [foreground, background]
    if ignore is not None:
        ignore = np.asarray(ignore)
        if ignore.shape != logits.shape[:3]:
            raise ValueError(f"ignore {ignore.shape}, expected {logits.shape[:3]}")
        labels = np.where(ignore, IGNORE, 0).astype(np.uint8)
        batch.ignore = pointer(labels)
        kept.append(labels)
    if bank is not None and len(bank):
        bank = floats("bank", bank, 2)
        if bank.shape[1] != batch.depth:
            raise ValueError(f"bank {bank.shape}, expected (rows, {batch.depth})")
        batch.bank, batch.bank_rows = pointer(bank), len(bank)
        kept.append(bank)
    return batch, kept


def loss(
    foreground, background, logits, image_labels, bank=None, *, configuration=None, ignore=None,
    seed=0, step=0, gradients=True,
):
    """The FBR losses of a step, and the gradients of their weighted sum.

    foreground, background: embeddings Zf and Zb, [B, H, W, D]
    logits: the host's, background first, [B, H, W, C + 1]; image_labels: 0 or 1, [B, C]
    bank: filled rows of a memory of negative regions, [M, D]
    ignore: [B, H, W], true at pixels that count nowhere, such as the padding of a crop
    seed, step: the source of every draw; the same give the same bits
    """
    batch, kept = _batch(foreground, background, logits, image_labels, ignore, bank)
    shape = (batch.batch, batch.height, batch.width, batch.depth)
    grads = [np.empty(shape, np.float32) if gradients else None for _ in range(2)]
    losses, raw = Losses(), (configuration or Configuration())._raw()
    call(
        "fbr_loss", ctypes.byref(batch), ctypes.byref(raw), seed, step, ctypes.byref(losses),
        *(pointer(grad) for grad in grads),
    )
    values = {name: getattr(losses, name) for name, _ in losses._fields_}
    return Result(**values, gradient_foreground=grads[0], gradient_background=grads[1])


def seed_map(logits, image_labels, *, ignore=None):
    """Pseudo labels [B, H, W] (uint8, 255 where ignored) and normalised scores [B, H, W, C + 1]."""
    batch, kept = _batch(None, None, logits, image_labels, ignore, None)
    labels = np.empty((batch.batch, batch.height, batch.width), np.uint8)
    scores = np.empty((*labels.shape, batch.classes + 1), np.float32)
    call("fbr_seed_map", ctypes.byref(batch), pointer(labels), pointer(scores))
    return labels, scores


def _clustering(clusters, metric, restarts, maximum_iterations, tolerance, mini_batch):
    if metric not in ("euclidean", "cosine"):
        raise ValueError(f"metric {metric!r}, expected 'euclidean' or 'cosine'")
    return Clustering(
        clusters=clusters, cosine=metric == "cosine", maximum_iterations=maximum_iterations,
        restarts=restarts, mini_batch=mini_batch or 0, tolerance=tolerance,
    )


def negative_regions(
    embeddings, labels, clusters=8, *, metric="euclidean", seed=0, step=0, restarts=1,
    maximum_iterations=300, tolerance=1e-4, mini_batch=None,
):
    """The centroids of each image's background embeddings, [M, D]: what enters a memory bank.

    embeddings: Zb, [B, H, W, D]; labels: pseudo labels, [B, H, W]; only pixels of label 0 count.
    """
    embeddings = floats("embeddings", embeddings, 4)
    labels = np.ascontiguousarray(labels, dtype=np.uint8)
    if labels.shape != embeddings.shape[:3]:
        raise ValueError(f"labels {labels.shape}, expected {embeddings.shape[:3]}")
    options = _clustering(clusters, metric, restarts, maximum_iterations, tolerance, mini_batch)
    rows = max(clusters, 1) * len(embeddings)
    centroids = np.empty((rows, embeddings.shape[3]), np.float32)
    count = ctypes.c_int64()
    call(
        "fbr_negative_regions", pointer(embeddings), pointer(labels), *embeddings.shape,
        ctypes.byref(options), seed, step, pointer(centroids), ctypes.byref(count),
    )
    return centroids[: count.value].copy()


def k_means(
    rows, clusters=8, *, metric="euclidean", seed=0, restarts=1, maximum_iterations=300,
    tolerance=1e-4, mini_batch=None,
):
    """K-means on the rows of a matrix [N, D]: greedy k-means++ seeding and Lloyd's iteration."""
    rows = floats("rows", rows, 2)
    options = _clustering(clusters, metric, restarts, maximum_iterations, tolerance, mini_batch)
    centroids = np.empty((max(clusters, 1), rows.shape[1]), np.float32)
    assignments = np.empty(len(rows), np.int32)
    found, inertia, iterations = ctypes.c_int64(), ctypes.c_double(), ctypes.c_int64()
    call(
        "fbr_k_means", pointer(rows), *rows.shape, ctypes.byref(options), seed,
        pointer(centroids), pointer(assignments), ctypes.byref(found), ctypes.byref(inertia),
        ctypes.byref(iterations),
    )
    return Clusters(centroids[: found.value], assignments, inertia.value, iterations.value)


def info_nce(
    features, query_rows, query_classes, prototypes, prototype_classes, negatives, draws,
    temperature=0.5, *, gradients=True,
):
    """InfoNCE of chosen rows with negatives drawn by you: the loss and its gradient.

    features: [N, D]; query_rows, query_classes: [Q], classes ascending
    prototypes: [P, D], the positives, one for each of prototype_classes, ascending
    negatives: [M, D]; draws: [Q, n], rows of `negatives`
    """
    features, negatives = floats("features", features, 2), floats("negatives", negatives, 2)
    prototypes = floats("prototypes", prototypes, 2)
    query_rows, query_classes = integers(query_rows, 1), integers(query_classes, 1)
    prototype_classes, draws = integers(prototype_classes, 1), integers(draws, 2)
    if not features.shape[1] == negatives.shape[1] == prototypes.shape[1]:
        raise ValueError(
            f"features {features.shape}, prototypes {prototypes.shape} and negatives "
            f"{negatives.shape} differ in their last axis"
        )
    if not len(query_rows) == len(query_classes) == len(draws):
        raise ValueError(
            f"{len(query_rows)} query_rows, {len(query_classes)} query_classes and "
            f"{len(draws)} draws, expected one each a query"
        )
    if len(prototypes) != len(prototype_classes):
        raise ValueError(f"{len(prototypes)} prototypes of {len(prototype_classes)} classes")
    gradient = np.empty_like(features) if gradients else None
    value = ctypes.c_float()
    call(
        "fbr_info_nce", pointer(features), *features.shape, pointer(query_rows),
        pointer(query_classes), len(query_rows), pointer(prototypes), pointer(prototype_classes),
        len(prototypes), pointer(negatives), len(negatives), pointer(draws), draws.shape[1],
        temperature, ctypes.byref(value), pointer(gradient),
    )
    return value.value, gradient

"""The FBR losses by PyTorch, written from the method's text with plain tensor operations.

One query, one class, one image at a time: slow and obvious. Draws are stored with the numbers.
"""

import pathlib

import golden_file
import numpy as np
import torch
import torch.nn.functional as F

SURE, FLOOR, CALM, NEGATIVES, TAU = 0.6, 0.05, 0.25, 7, 0.5


def seed_map(probabilities, y, counted, background=None):
    """Pixels that do not count are labelled 255, and no range is taken over them.

    A constant background score has no range and stays as it is.
    """
    entropy = -torch.special.xlogy(probabilities, probabilities).sum(-1) * counted
    present = torch.cat([torch.ones(len(y), 1), y], 1)
    scores = torch.zeros_like(probabilities)
    for b in range(len(y)):
        values = (probabilities[b] * present[b])[counted[b]]
        if len(values) == 0:
            continue
        low, high = values.amin(0), values.amax(0)
        scores[b][counted[b]] = torch.where(
            high > low, (values - low) / (high - low), torch.zeros(())
        )
        if background is not None:
            scores[b, :, :, 0][counted[b]] = background
    labels = scores.argmax(-1)
    labels[~counted] = 255
    return scores, entropy, labels


def select_queries(scores, entropy, labels, c):
    chosen = []
    B, H, W = labels.shape
    for b in range(B):
        region = labels[b] == c
        if not region.any():
            continue
        values = scores[b, :, :, c][region]
        clear = values[values > FLOOR]
        sure_score = torch.quantile(clear, 1 - SURE) if len(clear) else torch.tensor(torch.inf)
        calm = torch.quantile(entropy[b][labels[b] != 255], CALM)
        sure = (scores[b, :, :, c] > sure_score) | (entropy[b] < calm)
        for at in (region & ~sure).flatten().nonzero().flatten():
            chosen.append(b * H * W + int(at))
    return chosen


def nce(q, p, negatives):
    keys = torch.cat([p[None], negatives])
    cosines = F.cosine_similarity(q[None], keys, dim=-1) / TAU
    return -torch.log_softmax(cosines, 0)[0]


def key_axis(q, p, negatives):
    """What the reference code computes: the cosine over the keys, the class to find is 0."""
    keys = torch.cat([p[None], negatives])
    cosines = F.cosine_similarity(q[None], keys, dim=0) / TAU
    return -torch.log_softmax(cosines, 0)[0]


def background_target(cams, y, counted):
    """1 where the sum of the present classes' CAMs, each divided by its maximum, is below 0.05."""
    target = torch.zeros(cams.shape[:3])
    for b in range(len(y)):
        values = cams[b][counted[b]]
        if len(values):
            values = (values / (values.amax(0) + 1e-5)) * y[b]
            target[b][counted[b]] = (values.sum(-1) < 0.05).float()
    return target


def run(name, y, seed, H=5, W=7, D=5, padded=False):
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    y = torch.tensor(y, dtype=torch.float32)
    B, C = y.shape
    logits = torch.randn(B, H, W, C + 1) * 2
    zf = torch.relu(torch.randn(B, H, W, D) + 0.3).requires_grad_()
    zb = torch.relu(torch.randn(B, H, W, D) + 0.2).requires_grad_()
    # The gradient at a vector of length 0 is a convention: keep away from it.
    with torch.no_grad():
        zf[zf.sum(-1) == 0] = 0.5
        zb[zb.sum(-1) == 0] = 0.5
    bank = torch.relu(torch.randn(40, D)) + 0.01
    counted = torch.ones(B, H, W, dtype=torch.bool)
    if padded:
        # A border of the first image, and the whole second image.
        counted[0, :, 5:] = counted[0, :1] = counted[1] = False
    scores, entropy, labels = seed_map(torch.softmax(logits, -1), y, counted)
    flat = zf.reshape(-1, D)
    fixed = flat.detach()

    prototypes = {}
    for c in range(1, C + 1):
        s = (scores[..., c] * y[:, c - 1, None, None]).flatten()
        if s.max() <= 0:
            continue
        top = torch.topk(s, max(H * W // 8, 1)).indices
        prototypes[c] = (s[top, None] * fixed[top]).sum(0) / s[top].sum()
    classes = sorted(prototypes)
    P = torch.stack([prototypes[c] for c in classes]) if classes else torch.zeros(0, D)
    graph = F.cosine_similarity(P[:, None], P[None], dim=-1)

    queries = {c: select_queries(scores, entropy, labels, c) for c in range(1, C + 1)}
    queries = {c: q for c, q in queries.items() if q}
    tensors = dict(
        y=y, logits=logits, zf=zf, zb=zb, bank=bank, scores=scores, entropy=entropy,
        labels=labels, mask=torch.where(counted, 0, 255), prototypes=P, prototypeClasses=np.array(classes), graph=graph,
        queries=np.array([q for c in sorted(queries) for q in queries[c]]),
        queryClasses=np.array([c for c in sorted(queries) for _ in queries[c]]),
    )

    def contrast(kind, keys, draw, nce=nce):
        losses, draws = [], []
        for c in sorted(queries):
            each = []
            for q in queries[c]:
                at = draw(c)
                if at is None:
                    continue
                draws.append(at)
                each.append(nce(flat[q], prototypes[c], keys[torch.tensor(at)]))
            if each:
                losses.append(torch.stack(each).mean())
        tensors[kind + "Draws"] = np.array(draws).reshape(len(draws), -1) if draws else np.zeros((0, NEGATIVES))
        loss = torch.stack(losses).mean() if losses else torch.zeros(())
        zf.grad = None
        if losses:
            loss.backward()
        tensors[kind] = loss
        if nce is not key_axis:
            tensors[kind + "Gradient"] = zf.grad if zf.grad is not None else torch.zeros_like(zf)

    contrast("regions", bank, lambda c: random.integers(0, len(bank), NEGATIVES))

    def other_pixel(c):
        others = (labels != 0) & (labels != 255) & (labels != c)
        pixels = np.flatnonzero(others.flatten().numpy())
        return random.choice(pixels, NEGATIVES) if len(pixels) else None

    contrast("intra", fixed, other_pixel)
    contrast("keyAxis", bank, lambda c: random.integers(0, len(bank), NEGATIVES), key_axis)

    # The ablations: pixels of the background, and their mean as the only negative.
    outside = np.flatnonzero((labels == 0).flatten().numpy())
    behind = zb.detach().reshape(-1, D)
    contrast("pixels", behind, lambda c: random.choice(outside, NEGATIVES))
    contrast("single", behind[outside].mean(0)[None], lambda c: np.zeros(1, int))

    zf.grad = zb.grad = None
    separation = F.cosine_similarity(zf, zb, dim=-1)[counted].mean()
    separation.backward()
    tensors.update(separation=separation, separationZf=zf.grad, separationZb=zb.grad)

    # The auxiliary background segmentation.
    cams = torch.relu(torch.randn(B, H, W, C) - 1)
    # Seeds from CAMs: each present class by its maximum, and a constant background.
    peak = cams.amax((1, 2), keepdim=True)
    shares = torch.cat([torch.full((B, H, W, 1), 0.15), cams / (peak + 1e-5)], -1)
    scores, _, seeds = seed_map(shares, y, counted, background=0.15)
    # Masked and normalised as they are; the entropy is that of the shares of their sum.
    shares = (shares / shares.sum(-1, keepdim=True)).double()
    entropy = -torch.special.xlogy(shares, shares).sum(-1) * counted
    tensors.update(
        camScores=scores, camLabels=seeds, camEntropy=entropy, camNormalized=cams / (peak + 1e-5)
    )
    seg = torch.randn(B, H, W, 1, requires_grad=True)
    target = background_target(cams, y, counted)
    segmentation = F.binary_cross_entropy_with_logits(seg[..., 0][counted], target[counted])
    segmentation.backward()
    tensors.update(
        cams=cams, segLogits=seg, segTarget=target[..., None], segmentation=segmentation,
        segmentationGradient=seg.grad,
    )

    # Pixel to prototype at every foreground pixel, temperature 0.1: the batch's own prototypes
    # and labels, the prototypes of another view, and the labels of another map.
    def pixel_to_prototype(kind, P, labels):
        zf.grad = None
        labels = labels.flatten().tolist()
        nces = [
            F.cross_entropy(
                F.cosine_similarity(flat[i][None], P, dim=-1)[None] / 0.1,
                torch.tensor([classes.index(c)]),
            )
            for i, c in enumerate(labels) if c in prototypes
        ]
        loss = torch.stack(nces).mean() if nces else torch.zeros(())
        if nces:
            loss.backward()
        tensors[kind] = loss
        tensors[kind + "Gradient"] = zf.grad if zf.grad is not None else torch.zeros_like(zf)

    other_view = torch.relu(torch.randn(len(classes), D)) + 0.1
    other_map = torch.randint(0, C + 1, labels.shape)
    other_map[~counted] = 255
    tensors.update(otherView=other_view, otherMap=other_map)
    pixel_to_prototype("prototypeNCE", P, labels)
    pixel_to_prototype("viewNCE", other_view, labels)
    pixel_to_prototype("mapNCE", P, other_map)
    return golden_file.case(name, tensors)


golden_file.write(
    pathlib.Path(__file__).with_name("fbr.json"),
    [
        run("two classes an image", [[1, 1, 0], [0, 1, 1], [1, 0, 1]], 1),
        run("one class an image", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], 2),
        run("one class in the batch", [[0, 1, 0], [0, 1, 0]], 3),
        run("one image", [[1, 1, 1]], 4),
        run("an image without classes", [[0, 0, 0], [1, 0, 1]], 5),
        run("no foreground", [[0, 0, 0], [0, 0, 0]], 6),
        run("padding to ignore", [[1, 1, 0], [1, 0, 1], [0, 1, 1]], 7, padded=True),
    ],
    torch=torch.__version__,
)

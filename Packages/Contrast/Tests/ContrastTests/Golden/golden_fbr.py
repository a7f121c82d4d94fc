"""The FBR losses by PyTorch, written from the method's text with plain tensor operations.

One query, one class, one image at a time: slow and obvious. Draws are stored with the numbers.
"""

import pathlib

import golden_file
import numpy as np
import torch
import torch.nn.functional as F

SURE, FLOOR, CALM, NEGATIVES, TAU = 0.6, 0.05, 0.25, 7, 0.5


def seed_map(logits, y):
    probabilities = torch.softmax(logits, -1)
    entropy = -(probabilities * torch.log(probabilities)).sum(-1)
    present = torch.cat([torch.ones(len(y), 1), y], 1)
    scores = probabilities * present[:, None, None, :]
    low = scores.amin((1, 2), keepdim=True)
    high = scores.amax((1, 2), keepdim=True)
    scores = torch.where(high > low, (scores - low) / (high - low), torch.zeros(()))
    return scores, entropy, scores.argmax(-1)


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
        calm = torch.quantile(entropy[b].flatten(), CALM)
        sure = (scores[b, :, :, c] > sure_score) | (entropy[b] < calm)
        for at in (region & ~sure).flatten().nonzero().flatten():
            chosen.append(b * H * W + int(at))
    return chosen


def nce(q, p, negatives):
    keys = torch.cat([p[None], negatives])
    cosines = F.cosine_similarity(q[None], keys, dim=-1) / TAU
    return -torch.log_softmax(cosines, 0)[0]


def run(name, y, seed, H=5, W=7, D=5):
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
    scores, entropy, labels = seed_map(logits, y)
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
        labels=labels, prototypes=P, prototypeClasses=np.array(classes), graph=graph,
        queries=np.array([q for c in sorted(queries) for q in queries[c]]),
        queryClasses=np.array([c for c in sorted(queries) for _ in queries[c]]),
    )

    def contrast(kind, keys, draw):
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
        tensors[kind + "Draws"] = np.array(draws).reshape(-1, NEGATIVES)
        loss = torch.stack(losses).mean() if losses else torch.zeros(())
        zf.grad = None
        if losses:
            loss.backward()
        tensors[kind] = loss
        tensors[kind + "Gradient"] = zf.grad if zf.grad is not None else torch.zeros_like(zf)

    contrast("regions", bank, lambda c: random.integers(0, len(bank), NEGATIVES))

    def other_pixel(c):
        pixels = np.flatnonzero(((labels != 0) & (labels != c)).flatten().numpy())
        return random.choice(pixels, NEGATIVES) if len(pixels) else None

    contrast("intra", fixed, other_pixel)

    zf.grad = zb.grad = None
    separation = F.cosine_similarity(zf, zb, dim=-1).mean()
    separation.backward()
    tensors.update(separation=separation, separationZf=zf.grad, separationZb=zb.grad)

    # Pixel to prototype, at every foreground pixel, temperature 0.1.
    zf.grad = None
    pixels = [i for i, c in enumerate(labels.flatten().tolist()) if c != 0 and c in prototypes]
    nces = [
        F.cross_entropy(
            F.cosine_similarity(flat[i][None], P, dim=-1)[None] / 0.1,
            torch.tensor([classes.index(int(labels.flatten()[i]))]),
        )
        for i in pixels
    ]
    loss = torch.stack(nces).mean() if nces else torch.zeros(())
    if nces:
        loss.backward()
    tensors.update(
        prototypeNCE=loss,
        prototypeNCEGradient=zf.grad if zf.grad is not None else torch.zeros_like(zf),
    )
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
    ],
    torch=torch.__version__,
)

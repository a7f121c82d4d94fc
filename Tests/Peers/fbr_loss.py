"""The FBR loss as published code of this kind computes it on a CPU: PyTorch and scikit-learn.

K-means of scikit-learn image by image; loops over images and classes; negatives drawn by a Python
loop over queries and classes; the negatives of a class gathered into a queries x negatives x features tensor. The
losses themselves are those of the paper's text, with gradients, so that both sides do the same work:
regions, bank, prototypes, queries, both contrasts, separation; forward and backward.
"""

import argparse
import json
import resource
import statistics
import time

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.cluster import KMeans

import embeddings

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int)
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--size", type=int, default=32)
arguments = parser.parse_args()
if arguments.threads:
    torch.set_num_threads(arguments.threads)

SURE, FLOOR, CALM, NEGATIVES, TAU, CLUSTERS, CAPACITY = 0.6, 0.05, 0.25, 256, 0.5, 8, 100_000
B, S, C, D = arguments.batch, arguments.size, embeddings.CLASSES, embeddings.DEPTH


def seed_map(logits, y):
    probabilities = torch.softmax(logits, -1)
    entropy = -(probabilities * torch.log(probabilities + 1e-10)).sum(-1)
    present = torch.cat([torch.ones(B, 1), y], 1)[:, None, None]
    low, high = probabilities.amin((1, 2), keepdim=True), probabilities.amax((1, 2), keepdim=True)
    scores = (probabilities - low) / (high - low + 1e-10) * present
    return scores, entropy, scores.argmax(-1)


def regions(zb, labels):
    centroids = []
    for image in range(B):
        pixels = zb[image][labels[image] == 0].numpy()
        if len(pixels) > CLUSTERS:
            pixels = KMeans(CLUSTERS, n_init=1).fit(pixels).cluster_centers_
        centroids.append(torch.as_tensor(pixels, dtype=torch.float32))
    return torch.cat(centroids)


def prototypes(zf, scores, y):
    found = {}
    rows = zf.reshape(-1, D)
    for c in range(1, C + 1):
        if y[:, c - 1].any():
            s, top = scores[..., c].flatten().topk(max(S * S // 32, 1))
            found[c] = (s[:, None] * rows[top]).sum(0) / s.sum()
    return found


def queries(scores, entropy, labels, c):
    chosen = []
    for image in range(B):
        region = labels[image] == c
        if not region.any():
            continue
        values = scores[image, ..., c]
        clear = values[region & (values > FLOOR)]
        sure = torch.quantile(clear, 1 - SURE) if len(clear) else torch.inf
        calm = torch.quantile(entropy[image].flatten(), CALM)
        unsure = region & ~(values > sure) & ~(entropy[image] < calm)
        chosen.append(unsure.flatten().nonzero().flatten() + image * S * S)
    return torch.cat(chosen) if chosen else torch.zeros(0, dtype=torch.long)


def contrast(anchors, positive, negatives):
    """InfoNCE of anchors [Q, D] with negatives [Q, n, D]."""
    keys = torch.cat([positive.expand(len(anchors), 1, D), negatives], 1)
    logits = F.cosine_similarity(anchors[:, None], keys, dim=-1) / TAU
    return F.cross_entropy(logits, torch.zeros(len(anchors), dtype=torch.long))


def draw(regions_of, picks):
    """Pixels for one query: for each class as many as it was picked, uniformly."""
    counts = np.bincount(picks, minlength=len(regions_of))
    return np.concatenate(
        [region[np.random.randint(0, len(region), n)] for region, n in zip(regions_of, counts)]
    )


class Bank:
    def __init__(self, rows):
        self.rows = rows

    def push(self, rows):
        self.rows = torch.cat([self.rows, rows])[-CAPACITY:]


def step(zf, zb, logits, y, bank):
    scores, entropy, labels = seed_map(logits, y)
    fixed = zf.detach()
    bank.push(regions(zb.detach(), labels))
    protos = prototypes(fixed, scores, y)
    classes = sorted(protos)
    matrix = torch.stack([protos[c] for c in classes])
    graph = F.cosine_similarity(matrix[:, None], matrix[None], dim=-1)
    rows = zf.reshape(-1, D)
    pixels = {c: (labels == c).flatten().nonzero().flatten().numpy() for c in classes}
    between, behind, count = [], [], 0
    for row, c in enumerate(classes):
        chosen = queries(scores, entropy, labels, c)
        if len(chosen) == 0:
            continue
        count += len(chosen)
        anchors = rows[chosen]
        drawn = np.stack([np.random.randint(0, len(bank.rows), NEGATIVES) for _ in chosen])
        behind.append(contrast(anchors, protos[c], bank.rows[torch.from_numpy(drawn)]))
        others = [j for j in range(len(classes)) if j != row and len(pixels[classes[j]])]
        if not others:
            continue
        shares = torch.softmax(graph[row, others] / TAU, 0)
        picks = torch.distributions.Categorical(shares).sample((len(chosen), NEGATIVES))
        regions_of = [pixels[classes[j]] for j in others]
        drawn = torch.from_numpy(np.stack([draw(regions_of, pick) for pick in picks.numpy()]))
        between.append(contrast(anchors, protos[c], fixed.reshape(-1, D)[drawn]))
    separation = F.cosine_similarity(zf, zb, dim=-1).mean()
    total = 0.1 * separation
    if between:
        total = total + 0.1 * torch.stack(between).mean()
    if behind:
        total = total + 0.05 * torch.stack(behind).mean()
    total.backward()
    return count


base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
generator = np.random.default_rng(3)
zf_values = torch.from_numpy(embeddings.mixture(generator, B, S * S).reshape(B, S, S, D))
zb_values = torch.from_numpy(embeddings.mixture(generator, B, S * S).reshape(B, S, S, D))
logits = torch.from_numpy(embeddings.blobs(generator, B, S))
y = torch.from_numpy(embeddings.image_labels(B))
bank = Bank(torch.rand(CAPACITY, D))
times = []
for run in range(arguments.runs + 1):
    zf, zb = zf_values.clone().requires_grad_(), zb_values.clone().requires_grad_()
    start = time.perf_counter()
    count = step(zf, zb, logits, y, bank)
    # The first run loads what scikit-learn and PyTorch load late.
    if run:
        times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"medianMs": statistics.median(times), "baseMiB": base, "queries": count}))

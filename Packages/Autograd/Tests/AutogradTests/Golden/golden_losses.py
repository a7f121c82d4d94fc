"""Losses and their gradients from PyTorch; pictures are NHWC here, NCHW for PyTorch."""

import os

import numpy as np
import torch
import torch.nn.functional as F
from golden_file import case, write

generator = torch.Generator().manual_seed(11)


def normal(*shape, scale=2.0):
    return scale * torch.randn(*shape, generator=generator)


def uniform(*shape):
    return torch.rand(*shape, generator=generator)


def results(loss, *leaves):
    """The three reductions; gradients of `mean`, and of `none` with fixed upstream weights."""
    tensors = {}
    for reduction in ["mean", "sum", "none"]:
        inputs = [leaf.clone().requires_grad_() for leaf in leaves]
        value = loss(*inputs, reduction)
        tensors[reduction] = value
        if reduction == "none":
            upstream = torch.linspace(-1, 2, value.numel()).reshape(value.shape)
            tensors["upstream"] = upstream
            value.backward(upstream)
        elif reduction == "mean":
            value.backward()
        else:
            continue
        for index, leaf in enumerate(inputs):
            tensors[f"{reduction} gradient {index}"] = leaf.grad
    return tensors


cases = []

logits, targets, weight = normal(3, 20, scale=3), (uniform(3, 20) < 0.2).float(), uniform(20)
logits[0, :4] = torch.tensor([60.0, -60.0, 1e4, -1e4])
cases.append(
    case(
        "multi-label soft margin",
        {
            "logits": logits,
            "targets": targets,
            **results(
                lambda x, r: F.multilabel_soft_margin_loss(x, targets, reduction=r), logits
            ),
        },
    )
)
cases.append(
    case(
        "multi-label soft margin, weighted",
        {
            "logits": logits,
            "targets": targets,
            "weight": weight,
            **results(
                lambda x, r: F.multilabel_soft_margin_loss(x, targets, weight, reduction=r),
                logits,
            ),
        },
    )
)

logits, targets = normal(1, 2, 5, 4, scale=3), uniform(1, 2, 5, 4)
logits.view(-1)[:4] = torch.tensor([90.0, -90.0, 0.0, -1e-3])
weight, positive = uniform(1, 2, 5, 1), 0.5 + 3 * uniform(4)
bce = F.binary_cross_entropy_with_logits
cases.append(
    case(
        "binary",
        {
            "logits": logits,
            "targets": targets,
            **results(lambda x, r: bce(x, targets, reduction=r), logits),
        },
    )
)
cases.append(
    case(
        "binary, weighted",
        {
            "logits": logits,
            "targets": targets,
            "weight": weight,
            "positive": positive,
            **results(
                lambda x, r: bce(x, targets, weight, pos_weight=positive, reduction=r), logits
            ),
        },
    )
)

K = 21
logits = normal(1, 2, 4, K)
logits[0, 0, 0] += 1000
labels = torch.randint(0, K, (1, 2, 4), generator=generator)
labels[0, 1, 2:] = 255
class_weights = 0.2 + uniform(K)
soft = torch.softmax(normal(1, 2, 4, K), dim=-1)
cases.append(
    case(
        "pixels",
        {"logits": logits, "labels": labels, "weight": class_weights, "targets": soft},
    )
)


def cross_entropy(x, target, reduction, **options):
    return F.cross_entropy(x.permute(0, 3, 1, 2), target, reduction=reduction, **options)


for name, options in {
    "cross-entropy": {},
    "cross-entropy, weighted": {"weight": class_weights},
    "cross-entropy, smoothed": {"label_smoothing": 0.15},
    "cross-entropy, weighted and smoothed": {"weight": class_weights, "label_smoothing": 0.15},
}.items():
    cases.append(
        case(
            name,
            results(
                lambda x, r: cross_entropy(x, labels, r, ignore_index=255, **options), logits
            ),
            smoothing=options.get("label_smoothing", 0),
            weighted="weight" in options,
        )
    )
for name, options in {
    "soft targets": {},
    "soft targets, weighted and smoothed": {"weight": class_weights, "label_smoothing": 0.15},
}.items():
    cases.append(
        case(
            name,
            results(
                lambda x, r: cross_entropy(x, soft.permute(0, 3, 1, 2), r, **options), logits
            ),
            smoothing=options.get("label_smoothing", 0),
            weighted="weight" in options,
        )
    )


def balanced(x, labels, smoothing=0.4, class_balance=0.0):
    """Soft target, mean over background and weighted mean over foreground pixels, halved."""
    classes = x.shape[-1]
    one_hot = F.one_hot(labels.clamp(max=classes - 1), classes).float()
    target = one_hot * (1 - smoothing) + (1 - one_hot) * smoothing / (classes - 1)
    loss = -(target * torch.log_softmax(x, dim=-1)).sum(dim=-1)
    count = torch.bincount(labels.flatten(), minlength=256).clamp(min=1)
    weight = (count.float() ** -class_balance)[labels]
    sides = [labels == 0, (labels > 0) & (labels < 255)]
    return (
        sum((loss * weight)[side].sum() / weight[side].sum() for side in sides if side.any()) / 2
    )


labels[:, :, 0] = 0
for name, target, class_balance in [
    ("balanced", labels, 0),
    ("balanced, no background", torch.where(labels == 0, 255, labels), 0),
    ("balanced, no foreground", torch.where(labels == 0, 0, 255), 0),
    ("balanced, classes by half", labels, 0.5),
    ("balanced, classes alike", labels, 1),
]:
    x = logits.clone().requires_grad_()
    loss = balanced(x, target, class_balance=class_balance)
    loss.backward()
    cases.append(
        case(
            name, {"labels": target, "loss": loss, "gradient": x.grad}, classBalance=class_balance
        )
    )

left, right = normal(1, 2, 3, 5), normal(1, 2, 3, 5)
right[0, 0] = left[0, 0]
for name, function in {
    "squared": F.mse_loss,
    "absolute": F.l1_loss,
    "smooth": lambda a, b, reduction: F.smooth_l1_loss(a, b, reduction=reduction, beta=0.75),
    "smooth, beta 0": lambda a, b, reduction: F.smooth_l1_loss(a, b, reduction=reduction, beta=0.0),
}.items():
    cases.append(
        case(
            name,
            {
                "left": left,
                "right": right,
                **results(lambda a, b, r: function(a, b, reduction=r), left, right),
            },
        )
    )

write(os.path.splitext(__file__)[0].replace("golden_", "") + ".json", cases, torch=torch.__version__)

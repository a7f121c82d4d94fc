"""Convolutions, products and their gradients from PyTorch; images as [N, H, W, C]."""

import os

import torch
import torch.nn.functional as F
from golden_file import case, write

torch.manual_seed(11)
CASES = []


def nhwc(tensor):
    return tensor.permute(0, 2, 3, 1)


def convolution(
    name, image, outputs, kernel, stride=1, dilation=1, groups=1, padding=(0, 0, 0, 0),
    activation=0, residual=False, norm=False,
):
    """`padding` is top, left, bottom, right; `activation` 0 none, 1 ReLU, 2 ReLU6."""
    n, h, w, c = image
    top, left, bottom, right = padding
    x = torch.randn(n, c, h, w, requires_grad=True)
    weight = torch.randn(outputs, c // groups, *kernel, requires_grad=True)
    bias = torch.randn(outputs, requires_grad=True)
    leaves = {"weight": weight, "bias": bias}
    padded = F.pad(x, (left, right, top, bottom))
    y = F.conv2d(padded, weight, None if norm else bias, stride, 0, dilation, groups)
    constants = {}
    if norm:
        gamma = torch.randn(outputs, requires_grad=True)
        constants = {"mean": torch.randn(outputs), "variance": torch.rand(outputs) + 0.5}
        leaves["gamma"] = gamma
        y = F.batch_norm(y, constants["mean"], constants["variance"], gamma, bias, eps=1e-5)
    if residual:
        added = torch.randn_like(y, requires_grad=True)
        y = y + added
    if activation:
        y = F.relu(y) if activation == 1 else F.relu6(y)
    upstream = torch.randn_like(y)
    y.backward(upstream)
    tensors = {"input": nhwc(x), "output": nhwc(y), "upstream": nhwc(upstream)}
    tensors["input_gradient"] = nhwc(x.grad)
    if residual:
        tensors |= {"residual": nhwc(added), "residual_gradient": nhwc(added.grad)}
    tensors |= leaves | constants
    tensors |= {f"{key}_gradient": leaf.grad for key, leaf in leaves.items()}
    CASES.append(
        case(
            name, tensors, stride=stride, dilation=dilation, groups=groups, top=top, left=left,
            bottom=bottom, right=right, activation=activation,
        )
    )


def product(name, a, b):
    """`name` is n or t for each side: whether it is used transposed."""
    a, b = torch.randn(*a, requires_grad=True), torch.randn(*b, requires_grad=True)
    y = (a if name[0] == "n" else a.mT) @ (b if name[1] == "n" else b.mT)
    upstream = torch.randn_like(y)
    y.backward(upstream)
    CASES.append(
        case(
            name,
            {
                "a": a, "b": b, "output": y, "upstream": upstream, "a_gradient": a.grad,
                "b_gradient": b.grad,
            },
        )
    )


convolution("plain", (1, 5, 7, 3), 5, (3, 3))
convolution("strided", (2, 7, 5, 3), 4, (3, 3), stride=2, padding=(1, 1, 1, 1), activation=1)
convolution(
    "dilated", (1, 7, 7, 2), 3, (3, 3), dilation=3, padding=(3, 3, 3, 3), activation=1,
    residual=True,
)
convolution("same", (1, 6, 7, 4), 4, (5, 5), stride=2, groups=4, padding=(1, 2, 2, 2), activation=2)
convolution("grouped", (1, 5, 5, 6), 9, (3, 2), groups=3, padding=(0, 1, 2, 0))
convolution("norm", (1, 5, 6, 3), 4, (3, 3), padding=(1, 1, 1, 1), norm=True)
convolution("norm, residual", (2, 3, 5, 5), 7, (1, 1), norm=True, activation=1, residual=True)
product("nn", (5, 7), (7, 3))
product("nt", (2, 5, 7), (2, 3, 7))
product("tn", (2, 7, 5), (2, 7, 3))
product("tt", (7, 5), (3, 7))

write(
    os.path.join(os.path.dirname(__file__), "convolution.json"), CASES, torch=torch.__version__
)

"""Outputs and all gradients of every head at odd sizes, with weights made by formula."""

import os

import torch
import torchvision
from golden_file import case, write
from golden_networks import SampleResNet, resnet_stages
from heads import (
    AMN, PCM, PPC, AffinityNet, CAMClassifier, DeepLabV2, DeepLabV3Plus, IRN, LargeFOV, affinities,
    likeness_spread, normalized_maps)
from shared import fill, fingerprint, gradients, images, kink_margin, numbers
from torch import nn


class SampleFeatures(SampleResNet):
    def __init__(self):
        super().__init__()
        self.fc = nn.Identity()

    def forward(self, x):
        return resnet_stages(self, x)[-1]


class LastStages(SampleFeatures):
    """The last three."""

    def forward(self, x):
        return resnet_stages(self, x)[-3:]


def run(name, module, forward, shapes, **attributes):
    """`shapes` are (batch, height, width, channels) of the inputs, made by streams `stream`+i."""
    fill(module).eval()

    def inputs(stream):
        return [images(stream + i, *shape) for i, shape in enumerate(shapes)]

    def margin(stream):
        return kink_margin(module, lambda: forward(module, inputs(stream)))

    stream = max(range(3000, 3400, 10), key=margin)
    given = [x.requires_grad_() for x in inputs(stream)]
    outputs = forward(module, given)
    loss = 0
    for index, output in enumerate(outputs):
        if output.dim() == 4:
            output = output.permute(0, 2, 3, 1)
        loss = loss + (output * numbers(2000 + index, tuple(output.shape))).sum()
    loss.backward()
    tensors = {f"output{i}": fingerprint(output) for i, output in enumerate(outputs)}
    tensors["gradients"] = gradients(module)
    for index, x in enumerate(given):
        if x.grad is not None:
            tensors[f"input_gradient{index}"] = fingerprint(x.grad)
    print(name, stream, margin(stream))
    return case(
        name, tensors, stream=stream, outputs=len(outputs), keys=len(module.state_dict()),
        **attributes)


LABELS = torch.tensor([[1.0, 0, 1, 0], [0, 0, 0, 1]]).double()


def pyramid(height, width, channels, strides):
    return [(2, -(-height // s), -(-width // s), c) for c, s in zip(channels, strides)]


def main():
    image = [(2, 65, 47, 3)]
    resnet_like = pyramid(65, 47, [3, 5, 7, 9, 11], [4, 4, 8, 16, 16])
    lite_like = pyramid(65, 47, [3, 5, 7, 9, 11], [2, 4, 8, 16, 32])
    wide_like = pyramid(41, 33, [3, 5, 7, 9, 11], [4, 8, 8, 8, 8])
    pcm_shapes = [(2, 9, 11, 4), (2, 33, 41, 3), (2, 5, 7, 6), (2, 5, 7, 8)]
    small = [(1, 7, 9, 5), (1, 7, 9, 6), (1, 7, 9, 7)]
    only = lambda module, xs: [module(xs)]
    cases = [
        run("cam-average", CAMClassifier(SampleFeatures(), 256, 4), lambda m, x: m(x[0]), image),
        run("cam-thresholded", CAMClassifier(SampleFeatures(), 256, 4, 0.1),
            lambda m, x: m(x[0]), image),
        run("cam-norm", CAMClassifier(LastStages(), 256, 4),
            lambda m, x: [m.activation_maps(x[0], 1.5)], image),
        run("amn-aspp", AMN(SampleFeatures(), 256, 4, 16), lambda m, x: m(x[0], LABELS), image),
        run(
            "amn-pointwise", AMN(SampleFeatures(), 256, 4, 16, pointwise=True),
            lambda m, x: m(x[0], LABELS), image),
        run(
            "amn-hierarchical",
            AMN(LastStages(), 256, 4, 16, pointwise=True, sides=[64, 128]),
            lambda m, x: m(x[0], LABELS), image),
        run("pcm", PCM(6, 8),
            lambda m, x: [m(x[0], x[1], x[2].detach(), x[3].detach())], pcm_shapes),
        run("ppc", PPC(LastStages(), [64, 128, 256], 4, 16), lambda m, x: m(x[0]), image),
        run("irn", IRN([3, 5, 7, 9, 11], [4, 4, 8, 16, 16]),
            lambda m, xs: m([x.detach() for x in xs]), resnet_like),
        run("irn-lite", IRN([3, 5, 7, 9, 11], [2, 4, 8, 16, 32]),
            lambda m, xs: m([x.detach() for x in xs]), lite_like),
        run("irn-wide", IRN([3, 5, 7, 9, 11], [4, 8, 8, 8, 8]),
            lambda m, xs: m([x.detach() for x in xs]), wide_like),
        run("affinity", AffinityNet([5, 6, 7]), lambda m, x: affinities(m(*x), 3), small),
        run("largefov", LargeFOV(5, 4), only, [(2, 15, 17, 5)]),
        run("deeplabv2", DeepLabV2(5, 4), only, [(2, 15, 17, 5)]),
        run("deeplabv3plus", DeepLabV3Plus(6, 5, [6, 12, 18], 4), only,
            [(2, 17, 12, 6), (2, 5, 3, 5)]),
        run("deeplabv3plus-separable", DeepLabV3Plus(6, 5, [6, 12, 18], 4, separable=True), only,
            [(2, 17, 12, 6), (2, 5, 3, 5)]),
    ]
    maps = images(3000, 2, 5, 7, 4)
    normalized = normalized_maps(maps).permute(0, 2, 3, 1)
    cases.append(case("pcm-normalized", {"output": normalized}))
    features = images(3001, 2, 7, 9, 8)
    cases.append(case("likeness-spread", {
        f"power{power}": likeness_spread(maps, features, power).permute(0, 2, 3, 1)
        for power in (1, 3)}))
    write(
        os.path.splitext(__file__)[0].replace("golden_", "") + ".json", cases,
        torch=torch.__version__, torchvision=torchvision.__version__)


main()

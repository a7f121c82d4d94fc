"""Stage outputs and all gradients of every network at odd sizes, with weights made by formula."""

import os

import torch
import torchvision
from golden_file import case, write
from networks import EfficientNetLite, ResNet38
from shared import fill, fingerprint, flat_fingerprint, gradients, images, kink_margin, numbers
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet


def resnet_stages(network, x):
    x = network.maxpool(network.relu(network.bn1(network.conv1(x))))
    outputs = []
    for layer in (network.layer1, network.layer2, network.layer3, network.layer4):
        x = layer(x)
        outputs.append(x)
    return outputs


class SampleResNet(ResNet):
    """Half the width of ResNet-18: torchvision's constructor fixes 64 channels."""

    def __init__(self):
        super().__init__(BasicBlock, [1, 1, 1, 1])
        self.inplanes = 32
        self.conv1 = nn.Conv2d(3, 32, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(32)
        self.layer1 = self._make_layer(BasicBlock, 32, 1)
        self.layer2 = self._make_layer(BasicBlock, 64, 1, stride=2)
        self.layer3 = self._make_layer(BasicBlock, 128, 1, stride=2)
        self.layer4 = self._make_layer(BasicBlock, 256, 1, stride=2)


def resnet(block, blocks, stride):
    dilate = {32: [False] * 3, 16: [False, False, True], 8: [False, True, True]}[stride]
    return ResNet(block, blocks, replace_stride_with_dilation=dilate)


def run(name, network, stages, height, width, batch=1, training=False, candidates=50, **attributes):
    if isinstance(network, ResNet):
        network.fc = nn.Identity()
    fill(network)
    network.train(training)
    # The image of fifty that stays clearest of every kink.
    state = {key: value.clone() for key, value in network.state_dict().items()}

    def margin(stream):
        return kink_margin(network, lambda: stages(network, images(stream, batch, height, width)))

    margins = {stream: margin(stream) for stream in range(1000, 1000 + candidates)}
    network.load_state_dict(state)
    stream = max(margins, key=margins.get)
    image = images(stream, batch, height, width).requires_grad_()
    outputs = stages(network, image)
    last = outputs[-1]
    upstream = numbers(2000, (last.shape[0], last.shape[2], last.shape[3], last.shape[1]))
    (last * upstream.permute(0, 3, 1, 2)).sum().backward()
    tensors = {f"stage{i}": fingerprint(output) for i, output in enumerate(outputs)}
    tensors["image_gradient"] = fingerprint(image.grad)
    tensors["gradients"] = gradients(network)
    if training:
        tensors["running"] = [
            flat_fingerprint(value) for key, value in sorted(network.state_dict().items())
            if "running" in key
        ]
    shapes = [[v.shape[0], v.shape[2], v.shape[3], v.shape[1]] for v in outputs]
    tensors["shapes"] = shapes
    print(name, shapes[-1], stream, margins[stream])
    return case(
        name, tensors, height=height, width=width, batch=batch, stream=stream,
        keys=len(network.state_dict()), **attributes)


def main():
    plain = lambda network, x: network.stages(x)
    B, N = BasicBlock, Bottleneck
    cases = [
        run("resnet18", resnet(B, [2, 2, 2, 2], 32), resnet_stages, 65, 47, stride=32),
        run("resnet18-training", resnet(B, [2, 2, 2, 2], 32), resnet_stages, 33, 47, batch=2,
            training=True, stride=32),
        run("resnet34", resnet(B, [3, 4, 6, 3], 32), resnet_stages, 33, 47, stride=32),
        run("resnet50", resnet(N, [3, 4, 6, 3], 16), resnet_stages, 47, 33, stride=16),
        run("resnet50-stride8", resnet(N, [3, 4, 6, 3], 8), resnet_stages, 33, 25, stride=8),
        run("resnet101", resnet(N, [3, 4, 23, 3], 8), resnet_stages, 17, 23, stride=8),
        run("resnet-sample", SampleResNet(), resnet_stages, 65, 47, batch=2, stride=32),
        run("efficientnet-lite0", EfficientNetLite(1, 1, 32, None), plain, 65, 47, stride=32),
        run("efficientnet-lite0-stride8", EfficientNetLite(1, 1, 8, None), plain, 33, 47, stride=8),
        run("efficientnet-lite1", EfficientNetLite(1, 1.1, 16, None), plain, 47, 65, stride=16),
        run("efficientnet-lite2", EfficientNetLite(1.1, 1.2, 32, None), plain, 70, 47, stride=32),
        run("resnet38", ResNet38(), plain, 17, 23, candidates=8, stride=8),
    ]
    write(
        os.path.splitext(__file__)[0].replace("golden_", "") + ".json", cases,
        torch=torch.__version__, torchvision=torchvision.__version__)


if __name__ == "__main__":
    main()

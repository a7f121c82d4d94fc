"""The networks that torchvision lacks, written from their descriptions for the golden scripts."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class SameConv2d(nn.Conv2d):
    """TensorFlow's SAME padding, the odd zero at the end."""

    def forward(self, x):
        def total(size, axis):
            stride, kernel = self.stride[axis], self.kernel_size[axis]
            outputs = -(-size // stride)
            return max((outputs - 1) * stride + (kernel - 1) * self.dilation[axis] + 1 - size, 0)

        rows, columns = total(x.shape[2], 0), total(x.shape[3], 1)
        if rows % 2 == 0 and columns % 2 == 0:
            padding = (rows // 2, columns // 2)
            return F.conv2d(
                x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
        x = F.pad(x, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
        return super().forward(x)


def norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class InvertedResidual(nn.Module):
    def __init__(self, before, after, kernel, stride, dilation, expansion):
        super().__init__()
        wide = before * expansion
        self.expansion = expansion
        self.shortcut = stride == 1 and before == after
        if expansion != 1:
            self._expand_conv = SameConv2d(before, wide, 1, bias=False)
            self._bn0 = norm(wide)
        self._depthwise_conv = SameConv2d(
            wide, wide, kernel, stride=stride, dilation=dilation, groups=wide, bias=False)
        self._bn1 = norm(wide)
        self._project_conv = SameConv2d(wide, after, 1, bias=False)
        self._bn2 = norm(after)

    def forward(self, x):
        y = x
        if self.expansion != 1:
            y = F.relu6(self._bn0(self._expand_conv(y)))
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.shortcut else y


class EfficientNetLite(nn.Module):
    """Width and depth multiply EfficientNet-B0's table; stem, ends and head stay as they are."""

    table = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
             (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)]

    def __init__(self, width, depth, output_stride=32, classes=1000):
        super().__init__()
        self._conv_stem = SameConv2d(3, 32, 3, stride=2, bias=False)
        self._bn0 = norm(32)
        blocks, self.ends = [], []
        before, reached, dilation = 32, 2, 1
        for index, (count, kernel, stride, expansion, channels) in enumerate(self.table):
            if index not in (0, 6):
                count = math.ceil(depth * count)
            wanted = width * channels
            after = max(8, int(wanted + 4) // 8 * 8)
            after += 8 if after < 0.9 * wanted else 0
            dilates = stride > 1 and reached * stride > output_stride
            if stride > 1:
                self.ends.append(len(blocks))
                reached *= 1 if dilates else stride
            for block in range(count):
                if block == 1 and dilates:
                    dilation *= stride
                first = stride if block == 0 and not dilates else 1
                blocks.append(InvertedResidual(before, after, kernel, first, dilation, expansion))
                before = after
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = SameConv2d(before, 1280, 1, bias=False)
        self._bn1 = norm(1280)
        if classes:
            self._fc = nn.Linear(1280, classes)

    def stages(self, x):
        outputs = []
        x = F.relu6(self._bn0(self._conv_stem(x)))
        for index, block in enumerate(self._blocks):
            if index in self.ends:
                outputs.append(x)
            x = block(x)
        return outputs + [F.relu6(self._bn1(self._conv_head(x)))]

    def forward(self, x):
        return self._fc(self.stages(x)[-1].mean((2, 3)))


class WideBlock(nn.Module):
    def __init__(self, before, middle, after, stride=1, first=1, dilation=1):
        super().__init__()
        self.bn_branch2a = nn.BatchNorm2d(before)
        self.conv_branch2a = nn.Conv2d(
            before, middle, 3, stride, padding=first, dilation=first, bias=False)
        self.bn_branch2b1 = nn.BatchNorm2d(middle)
        self.conv_branch2b1 = nn.Conv2d(
            middle, after, 3, padding=dilation, dilation=dilation, bias=False)
        if before != after or stride != 1:
            self.conv_branch1 = nn.Conv2d(before, after, 1, stride, bias=False)

    def forward(self, x):
        entry = F.relu(self.bn_branch2a(x))
        shortcut = self.conv_branch1(entry) if hasattr(self, "conv_branch1") else x
        y = self.conv_branch2b1(F.relu(self.bn_branch2b1(self.conv_branch2a(entry))))
        return shortcut + y, entry


class WideBottleneck(nn.Module):
    def __init__(self, before, after, dilation):
        super().__init__()
        self.bn_branch2a = nn.BatchNorm2d(before)
        self.conv_branch2a = nn.Conv2d(before, after // 4, 1, bias=False)
        self.bn_branch2b1 = nn.BatchNorm2d(after // 4)
        self.conv_branch2b1 = nn.Conv2d(
            after // 4, after // 2, 3, padding=dilation, dilation=dilation, bias=False)
        self.bn_branch2b2 = nn.BatchNorm2d(after // 2)
        self.conv_branch2b2 = nn.Conv2d(after // 2, after, 1, bias=False)
        self.conv_branch1 = nn.Conv2d(before, after, 1, bias=False)

    def forward(self, x):
        entry = F.relu(self.bn_branch2a(x))
        y = F.relu(self.bn_branch2b1(self.conv_branch2a(entry)))
        y = self.conv_branch2b2(F.relu(self.bn_branch2b2(self.conv_branch2b1(y))))
        return self.conv_branch1(entry) + y, entry


class ResNet38(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1a = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.b2 = WideBlock(64, 128, 128, stride=2)
        self.b2_1 = WideBlock(128, 128, 128)
        self.b2_2 = WideBlock(128, 128, 128)
        self.b3 = WideBlock(128, 256, 256, stride=2)
        self.b3_1 = WideBlock(256, 256, 256)
        self.b3_2 = WideBlock(256, 256, 256)
        self.b4 = WideBlock(256, 512, 512, stride=2)
        for i in range(1, 6):
            setattr(self, f"b4_{i}", WideBlock(512, 512, 512))
        self.b5 = WideBlock(512, 512, 1024, dilation=2)
        self.b5_1 = WideBlock(1024, 512, 1024, first=2, dilation=2)
        self.b5_2 = WideBlock(1024, 512, 1024, first=2, dilation=2)
        self.b6 = WideBottleneck(1024, 2048, dilation=4)
        self.b7 = WideBottleneck(2048, 4096, dilation=4)
        self.bn7 = nn.BatchNorm2d(4096)

    def stages(self, x):
        x = self.conv1a(x)
        outputs = []
        for names in (["b2", "b2_1", "b2_2"], ["b3", "b3_1", "b3_2"]):
            for name in names:
                x, _ = getattr(self, name)(x)
            outputs.append(x)
        for name in ["b4", "b4_1", "b4_2", "b4_3", "b4_4", "b4_5"]:
            x, _ = getattr(self, name)(x)
        x, entry = self.b5(x)
        outputs.append(entry)
        x, _ = self.b5_1(x)
        x, _ = self.b5_2(x)
        x, entry = self.b6(x)
        outputs += [entry, x]
        x, _ = self.b7(x)
        return outputs + [F.relu(self.bn7(x))]

"""The heads in PyTorch, written from their papers for the golden scripts."""

import torch
import torch.nn.functional as F
from torch import nn


def conv(before, after, kernel=1, dilation=1, bias=False, groups=1):
    padding = kernel // 2 * dilation
    return nn.Conv2d(
        before, after, kernel, padding=padding, dilation=dilation, bias=bias, groups=groups)


class CAMClassifier(nn.Module):
    def __init__(self, backbone, channels, classes, theta=None):
        super().__init__()
        self.backbone = backbone
        self.classifier = conv(channels, classes)
        self.theta = theta

    def forward(self, x):
        maps = self.classifier(self.backbone(x))
        if self.theta is None:
            return maps.mean((2, 3)), maps
        largest = maps.amax((2, 3), keepdim=True)
        mask = (maps > torch.minimum(largest * self.theta, largest / self.theta)).to(maps.dtype)
        return (maps * mask).sum((2, 3)) / mask.sum((2, 3)).clamp(min=1), maps

    def activation_maps(self, x, norm_power):
        *_, middle, features = self.backbone(x)
        norms = features.norm(dim=1, keepdim=True) * F.interpolate(
            middle.norm(dim=1, keepdim=True), features.shape[2:], mode="bilinear")
        return self.classifier(features).relu() * norms.detach() ** norm_power


class SummedASPP(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        for index, dilation in enumerate([6, 12, 18, 24]):
            setattr(self, f"c{index}", conv(channels, classes, 3, dilation, bias=True))

    def forward(self, x):
        return self.c0(x) + self.c1(x) + self.c2(x) + self.c3(x)


class AMN(nn.Module):
    """`sides` are the channels of the earlier stages that are seen too."""

    def __init__(self, backbone, channels, classes, size, pointwise=False, sides=()):
        super().__init__()
        self.backbone = backbone
        self.sides = nn.ModuleList(
            nn.Sequential(conv(side, 128), nn.BatchNorm2d(128), nn.ReLU()) for side in sides)
        channels += 128 * len(sides)
        self.label_embedding = nn.Linear(classes, channels)
        self.classifier = (
            conv(channels, classes + 1, bias=True) if pointwise
            else SummedASPP(channels, classes + 1))
        self.phi_fg = conv(channels, size)
        self.phi_bg = conv(channels, size)
        self.phi_seg = nn.Sequential(
            nn.BatchNorm2d(size), nn.ReLU(), nn.Dropout(0.5), conv(size, 1, bias=True))

    def forward(self, x, labels):
        x = self.features(x) * self.label_embedding(labels)[:, :, None, None]
        background = self.phi_bg(x.detach())
        return (
            self.classifier(x), F.relu(self.phi_fg(x)), F.relu(background), self.phi_seg(background))

    def features(self, x):
        if not self.sides:
            return self.backbone(x)
        *stages, last = self.backbone(x)
        resize = lambda x: F.interpolate(x, last.shape[2:], mode="bilinear")
        return torch.cat(
            [last] + [resize(side(stage)) for side, stage in zip(self.sides, stages)], 1)


class PCM(nn.Module):
    def __init__(self, shallow, deep):
        super().__init__()
        self.f8_3 = conv(shallow, 64)
        self.f8_4 = conv(deep, 128)
        self.f9 = conv(195, 192)

    def forward(self, maps, image, shallow, deep):
        size = deep.shape[2:]
        resize = lambda x: F.interpolate(x, size, mode="bilinear", align_corners=True)
        f = torch.cat(
            [resize(image), resize(F.relu(self.f8_3(shallow))), F.relu(self.f8_4(deep))], 1)
        f = self.f9(f).flatten(2)
        f = f / (f.norm(dim=1, keepdim=True) + 1e-5)
        affinity = F.relu(f.transpose(1, 2) @ f)
        affinity = affinity / (affinity.sum(1, keepdim=True) + 1e-5)
        maps = resize(maps)
        return (maps.flatten(2) @ affinity).reshape(maps.shape)


class PPC(nn.Module):
    """`channels` are those of the last three stages."""

    def __init__(self, backbone, channels, classes, size):
        super().__init__()
        self.backbone = backbone
        self.classifier = conv(channels[2], classes + 1)
        self.pcm = PCM(*channels[:2])
        self.phi_fg = conv(channels[2], size)
        self.phi_bg = conv(channels[2], size)
        self.phi_seg = nn.Sequential(
            nn.BatchNorm2d(size), nn.ReLU(), nn.Dropout(0.5), conv(size, 1, bias=True))

    def forward(self, x):
        shallow, deep, last = self.backbone(x)
        maps = self.classifier(last)
        refined = self.pcm(normalized_maps(maps).detach(), x, shallow.detach(), deep.detach())
        background = self.phi_bg(last.detach())
        return (
            maps[:, 1:].mean((2, 3)), maps, refined, F.relu(self.phi_fg(last)), F.relu(background),
            self.phi_seg(background))


def likeness_spread(maps, features, power):
    """Each pixel's mean of the maps over all pixels, by powers of positive cosines."""
    size = features.shape[2:]
    values = F.interpolate(maps, size, mode="bilinear").flatten(2).transpose(1, 2)
    rows = F.normalize(features.flatten(2).transpose(1, 2), dim=2)
    weights = F.relu(rows @ rows.transpose(1, 2)) ** power
    return (weights @ values / weights.sum(2, keepdim=True)).transpose(1, 2).reshape(
        *maps.shape[:2], *size)


def normalized_maps(maps):
    """SEAM's maps for the module: maxima to 1, one class a pixel, background the rest."""
    scaled = F.relu(maps - 1e-5) / (maps.amax((2, 3), keepdim=True) + 1e-5)
    best = scaled[:, 1:].amax(1, keepdim=True)
    return torch.cat([1 - best, scaled[:, 1:] * (scaled[:, 1:] >= best)], 1)


class MeanShift(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("running_mean", torch.zeros(2))

    def forward(self, x):
        return x if self.training else x - self.running_mean[None, :, None, None]


class IRN(nn.Module):
    """Maps are enlarged by whole factors and cropped; one finer than stride 4 is made smaller."""

    def __init__(self, channels, strides):
        super().__init__()
        self.strides, self.fine = strides, max(i for i, s in enumerate(strides) if s == 4)
        self.mean_shift = MeanShift()

        def branch(before, after, groups, start, end):
            upsample = [nn.Upsample(scale_factor=start // end, mode="bilinear")] * (start > end)
            return nn.Sequential(
                conv(before, after), nn.GroupNorm(groups, after), *upsample, nn.ReLU())

        for i in range(5):
            setattr(self, f"fc_edge{i + 1}", branch(channels[i], 32, 4, strides[i], 4))
        self.fc_edge6 = conv(160, 1, bias=True)
        for i, (size, groups) in enumerate([(64, 8), (128, 16), (256, 16), (256, 16), (256, 16)]):
            end = 4 if i < 2 else strides[2]
            setattr(self, f"fc_dp{i + 1}", branch(channels[i], size, groups, strides[i], end))
        self.fc_dp6 = branch(768, 256, 16, strides[2], 4)
        self.fc_dp7 = nn.Sequential(
            conv(448, 256), nn.GroupNorm(16, 256), nn.ReLU(), conv(256, 2), self.mean_shift)

    def forward(self, xs):
        def sized(x, stride, end, like):
            if stride < end:
                return F.interpolate(x, like.shape[2:], mode="bilinear")
            return x[..., : like.shape[2], : like.shape[3]]

        fine, middle, s = xs[self.fine], xs[2], self.strides
        edges = [sized(getattr(self, f"fc_edge{i + 1}")(xs[i]), s[i], 4, fine) for i in range(5)]
        near = [sized(getattr(self, f"fc_dp{i + 1}")(xs[i]), s[i], 4, fine) for i in range(2)]
        far = [
            sized(getattr(self, f"fc_dp{i + 1}")(xs[i]), s[i], s[2], middle) for i in range(2, 5)]
        near.append(sized(self.fc_dp6(torch.cat(far, 1)), s[2], 4, fine))
        return self.fc_edge6(torch.cat(edges, 1)), self.fc_dp7(torch.cat(near, 1))


class AffinityNet(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.f8_3, self.f8_4 = conv(channels[0], 64), conv(channels[1], 128)
        self.f8_5, self.f9 = conv(channels[2], 256), conv(448, 448)

    def forward(self, a, b, c):
        parts = [F.elu(self.f8_3(a)), F.elu(self.f8_4(b)), F.elu(self.f8_5(c))]
        return F.elu(self.f9(torch.cat(parts, 1)))


def affinities(features, radius):
    height, width = features.shape[2:]
    offsets = [(0, x) for x in range(1, radius)] + [
        (y, x) for y in range(1, radius) for x in range(1 - radius, radius)
        if x * x + y * y < radius * radius
    ]
    results = []
    for y, x in offsets:
        first = features[:, :, : height - y, max(-x, 0) : width - max(x, 0)]
        second = features[:, :, y:, max(x, 0) : width - max(-x, 0)]
        results.append(torch.exp(-(first - second).abs().mean(1)))
    return results


class LargeFOV(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.conv_fov, self.bn_fov = conv(channels, 512, 3, 12), nn.BatchNorm2d(512)
        self.conv_fov2, self.bn_fov2 = conv(512, 512), nn.BatchNorm2d(512)
        self.cls_conv = conv(512, classes, bias=True)

    def forward(self, xs):
        x = F.relu(self.bn_fov(self.conv_fov(xs[-1])))
        return self.cls_conv(F.relu(self.bn_fov2(self.conv_fov2(x))))


class DeepLabV2(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.aspp = SummedASPP(channels, classes)

    def forward(self, xs):
        return self.aspp(xs[-1])


def normed(before, after, kernel=1, dilation=1, separable=False):
    if not separable:
        return [conv(before, after, kernel, dilation), nn.BatchNorm2d(after), nn.ReLU()]
    depthwise = conv(before, before, kernel, dilation, groups=before)
    return [depthwise, nn.BatchNorm2d(before), nn.ReLU()] + normed(before, after)


class PyramidPooling(nn.Module):
    def __init__(self, channels, dilations, separable):
        super().__init__()
        branches = [normed(channels, 256)]
        branches += [normed(channels, 256, 3, d, separable) for d in dilations]
        branches.append([nn.AdaptiveAvgPool2d(1)] + normed(channels, 256))
        self.convs = nn.ModuleList(nn.Sequential(*branch) for branch in branches)
        self.project = nn.Sequential(*normed(1280, 256), nn.Dropout(0.5))

    def forward(self, x):
        size = x.shape[2:]
        parts = [F.interpolate(c(x), size, mode="bilinear") for c in self.convs]
        return self.project(torch.cat(parts, 1))


class DeepLabV3Plus(nn.Module):
    def __init__(self, low, high, dilations, classes, separable=False):
        super().__init__()
        self.project = nn.Sequential(*normed(low, 48))
        self.aspp = PyramidPooling(high, dilations, separable)
        self.classifier = nn.Sequential(
            *normed(304, 256, 3, separable=separable), conv(256, classes, bias=True))

    def forward(self, xs):
        low = self.project(xs[0])
        high = F.interpolate(self.aspp(xs[-1]), low.shape[2:], mode="bilinear")
        return self.classifier(torch.cat([low, high], 1))

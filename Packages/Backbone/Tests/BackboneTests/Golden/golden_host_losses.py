"""Losses of the host PPC/EPS, pixel by pixel from the papers' text, with PyTorch's gradients."""

import os

import golden_file
import torch
import torch.nn.functional as F

LABELS = torch.tensor([[1.0, 0, 1], [0, 1, 0]])
TAU, ALPHA, SHARE = 0.4, 0.5, 0.2


def eps(maps, saliency):
    """EPS, equations 2 to 5; maps are (batch, height, width, background and classes)."""
    p = F.softmax(maps, dim=-1)
    total, count, known = 0, 0, []
    for n in range(len(maps)):
        inside, outside = [], [0]
        for c in range(3):
            if LABELS[n, c] == 0:
                continue
            large = p[n, :, :, c + 1].detach().round()
            overlap = (large * saliency[n].round()).sum() / (large + 1e-4).sum()
            (inside if overlap > TAU else outside).append(c + 1)
        known.append(len(inside))
        foreground = sum((p[n, :, :, c] for c in inside), torch.zeros(()))
        background = sum(p[n, :, :, c] for c in outside)
        predicted = ALPHA * foreground + (1 - ALPHA) * (1 - background)
        total = total + ((predicted - saliency[n]) ** 2).sum()
        count += saliency[n].numel()
    return total / count, known


def normalized(maps, labels):
    """Each map by its maximum; those of absent classes are 0."""
    out = torch.zeros_like(maps)
    for n in range(len(maps)):
        for k in range(maps.shape[-1]):
            if labels[n, k] > 0:
                map = F.relu(maps[n, :, :, k])
                out = out.clone()
                out[n, :, :, k] = map / (map.max() + 1e-5)
    return out


def cross(refined, target):
    means = []
    for r, t in zip(refined, target):
        differences = (r - t).abs().flatten().sort(descending=True).values
        means.append(differences[: int(len(differences) * SHARE)].mean())
    return sum(means) / len(means)


def main():
    torch.manual_seed(5)
    cases = []
    for name, height, width, scale in [("odd", 5, 7, 3.0), ("sharp", 8, 6, 12.0)]:
        maps = (torch.randn(2, height, width, 4) * scale).requires_grad_()
        # Salient where the first image's first class is, nowhere in the second image.
        saliency = torch.stack([
            (maps[0, :, :, 1] > maps[0].mean(-1)).float() * 0.9 + 0.05,
            torch.rand(height, width) * 0.4]).detach()
        loss, known = eps(maps, saliency)
        loss.backward()
        tensors = {
            "maps": maps, "saliency": saliency, "labels": LABELS, "eps": loss,
            "eps_gradient": maps.grad}
        second = torch.randn(2, height, width, 4).requires_grad_()
        maps.grad = None
        whole = torch.cat([torch.ones(2, 1), LABELS], 1)
        er = (normalized(maps, whole) - normalized(second, whole)).abs().mean()
        er.backward()
        tensors |= {
            "second": second, "er": er, "er_gradient": maps.grad, "er_second_gradient": second.grad}
        refined = torch.rand(2, height, width, 4).requires_grad_()
        target = torch.rand(2, height, width, 4)
        ecr = cross(refined, target)
        ecr.backward()
        tensors |= {
            "refined": refined, "target": target, "ecr": ecr, "ecr_gradient": refined.grad}
        print(name, "known classes", known)
        cases.append(golden_file.case(name, tensors))
    golden_file.write(
        os.path.splitext(__file__)[0].replace("golden_", "") + ".json", cases,
        torch=torch.__version__)


main()

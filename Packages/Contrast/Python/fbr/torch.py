"""The FBR loss as a PyTorch module; it computes on the CPU, wherever your tensors are.

Tensors are PyTorch's way, [batch, channels, height, width].
"""

import torch

from . import Configuration, loss, negative_regions, seed_map

__all__ = ["FBRLoss", "fbr_loss"]


class _FBRFunction(torch.autograd.Function):
    @staticmethod
    def forward(context, foreground, background, compute):
        result = compute(_channels_last(foreground), _channels_last(background))
        gradients = result.gradient_foreground, result.gradient_background
        context.save_for_backward(
            *(torch.from_numpy(g).permute(0, 3, 1, 2).to(foreground) for g in gradients)
        )
        return foreground.new_tensor(result.total)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(context, upstream):
        foreground, background = context.saved_tensors
        needed = context.needs_input_grad
        return upstream * foreground if needed[0] else None, (
            upstream * background if needed[1] else None
        ), None


def _channels_last(tensor):
    return tensor.detach().float().permute(0, 2, 3, 1).contiguous().cpu().numpy()


def _array(tensor):
    return tensor.detach().cpu().numpy()


def fbr_loss(
    foreground, background, logits, image_labels, bank, *, configuration=None, ignore=None,
    seed=0, step=0,
):
    """The weighted sum of the losses, differentiable in both embeddings, and the `fbr.Result`.

    foreground, background: [B, D, H, W]; logits: [B, C + 1, H, W]; image_labels: [B, C]
    bank: filled rows, [M, D]; ignore: [B, H, W], true at pixels that count nowhere
    """
    results = []

    def compute(zf, zb):
        results.append(
            loss(
                zf, zb, _channels_last(logits), _array(image_labels), _array(bank),
                configuration=configuration, ignore=None if ignore is None else _array(ignore),
                seed=seed, step=step,
            )
        )
        return results[0]

    return _FBRFunction.apply(foreground, background, compute), results[0]


class FBRLoss(torch.nn.Module):
    """The whole of FBR for a training loop: negative regions, their memory, and the losses.

    Each call clusters the batch's background, adds the centroids to the memory and returns the
    weighted sum to add to your own loss. The memory and the step are buffers: they are in
    `state_dict()`, so that a training goes on with the same bits.
    """

    def __init__(self, depth=128, capacity=100_000, clusters=8, configuration=None, seed=0):
        super().__init__()
        self.configuration = configuration or Configuration()
        self.clusters, self.seed = clusters, seed
        self.result = None
        """The `fbr.Result` of the last call, for logs."""
        self.register_buffer("bank", torch.zeros(capacity, depth))
        self.register_buffer("pushed", torch.zeros((), dtype=torch.long))
        self.register_buffer("step", torch.zeros((), dtype=torch.long))

    @property
    def filled(self):
        """The filled rows of the memory."""
        return self.bank[: min(int(self.pushed), len(self.bank))]

    def push(self, rows):
        """Adds rows to the memory; the oldest leave where it is full."""
        rows = torch.as_tensor(rows)[-len(self.bank) :].to(self.bank)
        places = (int(self.pushed) + torch.arange(len(rows))) % len(self.bank)
        self.bank[places.to(self.bank.device)] = rows
        self.pushed += len(rows)

    def forward(self, foreground, background, logits, image_labels, ignore=None):
        step = int(self.step)
        if self.training:
            labels, _ = seed_map(
                _channels_last(logits), _array(image_labels),
                ignore=None if ignore is None else _array(ignore),
            )
            zb = _channels_last(background)
            self.push(negative_regions(zb, labels, self.clusters, seed=self.seed, step=step))
            self.step += 1
        total, self.result = fbr_loss(
            foreground, background, logits, image_labels, self.filled,
            configuration=self.configuration, ignore=ignore, seed=self.seed, step=step,
        )
        return total

"""Weights, images and checksums that both sides of the golden tests make by the same formula.

`SharedNumbers.swift` is the other side. Nothing large is stored: weights come from Philox by name,
results are kept as a norm and two random projections. PyTorch computes in double precision.
"""

import numpy as np
import torch


def philox_uniform(seed, stream, count):
    """`PhiloxGenerator(seed:, stream:).uniform(shape: [count])`."""
    blocks = np.arange((count + 3) // 4, dtype=np.uint64)
    low = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    c0, c1 = blocks & low, blocks >> shift
    c2 = np.full_like(blocks, stream & 0xFFFFFFFF)
    c3 = np.full_like(blocks, stream >> 32)
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (
            (p1 >> shift) ^ c1 ^ np.uint64(k0), p1 & low, (p0 >> shift) ^ c3 ^ np.uint64(k1), p0 & low)
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    words = np.stack([c0, c1, c2, c3], axis=1).reshape(-1)[:count]
    return (words >> np.uint64(8)).astype(np.float32) * np.float32(2.0**-24)


def numbers(stream, shape):
    """Numbers in -1..<1, for images and upstream gradients."""
    u = philox_uniform(1, stream, int(np.prod(shape)))
    return torch.from_numpy(u * np.float32(2) - np.float32(1)).double().reshape(shape)


def images(stream, batch, height, width, channels=3):
    """The same images as [N, C, H, W]."""
    return numbers(stream, (batch, height, width, channels)).permute(0, 3, 1, 2).contiguous()


def fill(module, seed=7):
    """Sets every parameter and buffer from its name's place in the sorted list."""
    state = module.state_dict()
    for index, name in enumerate(sorted(state)):
        value = state[name]
        if name.endswith("num_batches_tracked"):
            continue
        u = philox_uniform(seed, index, value.numel()).reshape(value.shape)
        if name.endswith("running_var"):
            u = u + np.float32(0.5)
        elif name.endswith("running_mean") or name.endswith("bias"):
            u = (u - np.float32(0.5)) * np.float32(0.4)
        elif value.dim() <= 1:
            u = u * np.float32(0.5) + np.float32(0.75)
        else:
            bound = np.float32(2) / np.sqrt(np.float32(value[0].numel()))
            u = (u * np.float32(2) - np.float32(1)) * bound
        state[name] = torch.from_numpy(np.asarray(u)).double()
    module.load_state_dict(state)
    return module.double()


def kink_margin(network, forward):
    """How far the nearest input of a ReLU is from its kink, as a share of that layer's spread.

    At a kink single precision may fall on the other side, and the gradient jumps.
    """
    margins = []
    relu, relu6 = torch.nn.functional.relu, torch.nn.functional.relu6

    def watched(function, kinks):
        def run(x, *args, **kwargs):
            spread = x.detach().std()
            margins.extend(float((x.detach() - kink).abs().min() / spread) for kink in kinks)
            return function(x, *args, **kwargs)
        return run

    torch.nn.functional.relu, torch.nn.functional.relu6 = watched(relu, [0]), watched(relu6, [0, 6])
    try:
        with torch.no_grad():
            forward()
    finally:
        torch.nn.functional.relu, torch.nn.functional.relu6 = relu, relu6
    return min(margins, default=1.0)


def fingerprint(tensor):
    """Norm and two random projections; images in our order of axes."""
    tensor = tensor.detach()
    if tensor.dim() == 4:
        tensor = tensor.permute(0, 2, 3, 1)
    return flat_fingerprint(tensor)


def flat_fingerprint(tensor):
    """The same, axes as they are: for weights."""
    flat = tensor.detach().contiguous().double().numpy().reshape(-1)
    projections = [
        float(np.dot(flat, philox_uniform(77, k, flat.size).astype(np.float64) * 2 - 1))
        for k in (0, 1)
    ]
    return [float(np.linalg.norm(flat))] + projections


def gradients(module):
    """A row of three for every parameter, in the order of sorted names; zeros where it has none."""
    rows = []
    for _, parameter in sorted(module.named_parameters()):
        rows.append([0.0, 0.0, 0.0] if parameter.grad is None else flat_fingerprint(parameter.grad))
    return np.array(rows)

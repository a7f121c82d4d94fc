"""Forward results and gradients of every differentiable operation by PyTorch, at odd sizes.

Images are stored as N H W C. Each case holds its inputs (x, y, z), an upstream gradient u, the
result and the inputs' gradients of sum(u * result).
"""

import pathlib

import golden_file
import torch
import torch.nn.functional as F

torch.manual_seed(3)
cases = []


def add(name, function, *inputs, **attributes):
    leaves = [torch.as_tensor(i).clone().requires_grad_() for i in inputs]
    result = function(*leaves)
    u = torch.randn(result.shape)
    (u * result).sum().backward()
    tensors = dict(zip("xyz", inputs))
    tensors |= {"u": u, "result": result}
    tensors |= {"d" + k: leaf.grad for k, leaf in zip("xyz", leaves)}
    cases.append(golden_file.case(name, tensors, **attributes))


def images(function):
    """A function of N C H W images as one of N H W C."""
    return lambda x, *rest: function(x.permute(0, 3, 1, 2), *rest).permute(0, 2, 3, 1)


def apart(*shape):
    """Distinct numbers at least 0.05 apart: no ties, no kinks within a step."""
    count = torch.Size(shape).numel()
    return ((torch.randperm(count) - count / 2 + 0.3) * 0.07).reshape(shape)


n = lambda *shape: torch.randn(shape)
positive = lambda *shape: torch.rand(shape) + 0.5

# Two operands, stretched.
for name, f in {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b, "maximum": torch.maximum, "minimum": torch.minimum,
}.items():
    for kind, left, right in (
        ("equal", (3, 5), (3, 5)), ("row", (2, 3, 5), (5,)), ("column", (4, 1), (1, 7)),
        ("middle", (2, 1, 3, 1), (2, 4, 1, 5)), ("scalar", (3, 2), ()),
    ):
        add(f"{name} {kind}", f, n(*left), positive(*right))

# An operand and a number.
for name, f in {
    "addNumber": lambda x: x + 1.5, "subtractNumber": lambda x: x - 1.5,
    "subtractFrom": lambda x: 1.5 - x, "multiplyNumber": lambda x: x * -2.5,
    "divideNumber": lambda x: x / 3, "divideInto": lambda x: 3 / x, "negate": lambda x: -x,
}.items():
    add(name, f, positive(5, 7))

# One operand.
for name, f, x in (
    ("relu", torch.relu, apart(5, 7)), ("relu6", F.relu6, apart(5, 7) * 5),
    ("leakyRelu", lambda x: F.leaky_relu(x, 0.2), apart(5, 7)),
    ("sigmoid", torch.sigmoid, n(5, 7) * 4), ("tanh", torch.tanh, n(5, 7) * 2),
    ("softplus", F.softplus, n(5, 7) * 4), ("logSigmoid", F.logsigmoid, n(5, 7) * 4),
    ("exp", torch.exp, n(5, 7)), ("log", torch.log, positive(5, 7)),
    ("log1p", torch.log1p, positive(5, 7) - 0.6), ("squareRoot", torch.sqrt, positive(5, 7)),
    ("reciprocalSquareRoot", torch.rsqrt, positive(5, 7)),
    ("reciprocal", torch.reciprocal, positive(5, 7)), ("squared", torch.square, n(5, 7)),
    ("power", lambda x: x.pow(2.5), positive(5, 7)), ("abs", torch.abs, apart(5, 7)),
    ("clamped", lambda x: x.clamp(-0.4, 0.6), apart(5, 7)),
):
    add(name, f, x)

# Reductions.
for name, f in {
    "sum": torch.sum, "mean": torch.mean, "max": torch.amax, "min": torch.amin,
    "variance": torch.var, "standardDeviation": torch.std, "norm": torch.linalg.vector_norm,
}.items():
    for kind, dim in (("last", (-1,)), ("outer", (0, 1)), ("split", (0, 2)), ("all", (0, 1, 2))):
        add(f"{name} {kind}", lambda x, f=f, dim=dim: f(x, dim=dim), apart(3, 5, 7))
add("logSumExp last", lambda x: x.logsumexp(-1), n(3, 17) * 5)
add("logSumExp first", lambda x: x.logsumexp(0), n(3, 17) * 5)
for axis, kind in ((-1, "last"), (1, "middle")):
    add(f"softmax {kind}", lambda x, a=axis: x.softmax(a), n(3, 5, 7) * 3)
    add(f"logSoftmax {kind}", lambda x, a=axis: x.log_softmax(a), n(3, 5, 7) * 3)
add("normalizedRows", lambda x: F.normalize(x, dim=-1), n(4, 9))
add("cosineSimilarity", lambda x, y: F.cosine_similarity(x, y, dim=-1), n(4, 9), n(4, 9))

add("linear", F.linear, n(2, 3, 5), n(4, 5), n(4))

# Norms.
add("batchNorm training", images(lambda x, g, b: F.batch_norm(
    x, None, None, g, b, training=True)), n(3, 4, 5, 7), positive(7), n(7))
mean, variance = n(7), positive(7)
add("batchNorm fixed", images(lambda x, g, b: F.batch_norm(
    x, mean, variance, g, b, training=False, eps=1e-3)), n(2, 3, 5, 7), positive(7), n(7))
cases[-1]["tensors"] |= {"mean": golden_file.array(mean), "variance": golden_file.array(variance)}
add("groupNorm", images(lambda x, g, b: F.group_norm(x, 3, g, b)), n(2, 3, 5, 9), positive(9), n(9))
add("layerNorm", lambda x, g, b: F.layer_norm(x, (9,), g, b), n(2, 3, 9), positive(9), n(9))

# Layout.
add("transposed", lambda x: x.permute(2, 0, 3, 1), n(2, 3, 4, 5))
add("transposed matrix", lambda x: x.transpose(-1, -2), n(3, 17, 19))
add("sliced", lambda x: x[:, 1:7:2, -3:], n(2, 9, 5))
add("flipped", lambda x: x.flip(1, 2), n(2, 3, 5))
add("tiled", lambda x: x.repeat(2, 1, 3), n(2, 3, 5))
add("concatenating", lambda x, y: torch.cat([x, y, x], 1), n(2, 3, 4), n(2, 1, 4))
add("stacking", lambda x, y: torch.stack([x, y], 1), n(3, 4), n(3, 4))
add("reshaped", lambda x: x.reshape(5, -1), n(2, 3, 5))
add("broadcast", lambda x: x.broadcast_to(2, 3, 5), n(3, 1))
add("split", lambda x: torch.cat([p.square() for p in x.split([1, 4, 2], 1)], 1), n(3, 7))
for mode in ("constant", "reflect", "replicate"):
    add(f"padded {mode}", images(lambda x, m=mode: F.pad(
        x, (2, 1, 0, 3), m, **({"value": 1.5} if m == "constant" else {}))), n(2, 5, 4, 3))

# Choosing.
rows = torch.tensor([2, 0, 2, 4, 4, 4, 1])
add("gatherRows", lambda x: x[rows], n(5, 3))
add("gather", lambda x: x[:, :, rows], n(2, 3, 5))
add("scatterAddRows", lambda x: torch.zeros(5, 3).index_add(0, rows, x), n(7, 3))
keep = torch.tensor([True, False, True, True, False])
add("selectRows", lambda x: x[keep], n(5, 3))
mask = (torch.arange(35) % 3 != 1).reshape(5, 7)
add("replacing", lambda x, y: torch.where(mask, x, y), n(5, 7), n(5, 7))
add("maskedMean", lambda x: x[mask].mean(), n(5, 7))
add("topK", lambda x: x.topk(3, -1).values, apart(4, 15))
add("sorted", lambda x: x.sort(-1).values, apart(4, 15))

# Pooling: kernel, stride, padding, ceil, count_include_pad.
for k, s, p, ceil, count in ((3, 2, 1, 0, 1), (2, 2, 0, 1, 1), (3, 3, 1, 1, 0), (3, 1, 1, 0, 0)):
    values = dict(kernel=k, stride=s, padding=p, ceil=ceil, count=count)
    add(f"maxPooled {k} {s} {p} {ceil}", images(lambda x: F.max_pool2d(
        x, k, s, p, ceil_mode=bool(ceil))), apart(2, 7, 9, 3), **values)
    add(f"averagePooled {k} {s} {p} {ceil}", images(lambda x: F.avg_pool2d(
        x, k, s, p, bool(ceil), bool(count))), n(2, 7, 9, 3), **values)
for h, w in ((3, 4), (1, 1), (7, 5)):
    add(f"adaptive {h} {w}", images(lambda x: F.adaptive_avg_pool2d(x, (h, w))), n(2, 7, 9, 3),
        height=h, width=w)
add("globalAveragePooled", lambda x: x.mean((1, 2)), n(2, 7, 9, 3))
add("globalMaxPooled", lambda x: x.amax((1, 2)), apart(2, 7, 9, 3))
add("topKPooled", lambda x: x.flatten(1, 2).topk(5, 1).values.mean(1), apart(2, 4, 5, 3))
for h, w in ((11, 7), (3, 5), (1, 1), (5, 6)):
    for mode, key in (("nearest", {}), ("bilinear", {"align_corners": False}),
                      ("bilinear", {"align_corners": True})):
        name = "bilinearAlignedCorners" if key.get("align_corners") else mode
        add(f"resized {name} {h} {w}", images(lambda x: F.interpolate(
            x, (h, w), mode=mode, **key)), n(2, 5, 6, 3), height=h, width=w)

golden_file.write(
    pathlib.Path(__file__).with_name("operations.json"), cases, torch=torch.__version__
)
print(len(cases), "cases")

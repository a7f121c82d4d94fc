"""20 steps of each optimiser, and the learning rates of each schedule, from PyTorch."""

import os

import numpy as np
import torch
from golden_file import case, write

STEPS = 20
SIZE = 17
SHOWN = [0, 1, 9, 19]


START = torch.linspace(-1, 1, 2 * SIZE).reshape(2, SIZE)
GRADIENTS = torch.randn(STEPS, 2, SIZE, generator=torch.Generator().manual_seed(7))


def run(name, make, clip=0.0, **attributes):
    """Two parameters in two groups; the second gets no gradient in every third step."""
    parameters = [torch.nn.Parameter(row.clone()) for row in START]
    groups = [
        {"params": [parameters[0]], "lr": attributes["learning_rate"]},
        {"params": [parameters[1]], "lr": 10 * attributes["learning_rate"], "weight_decay": 0.0},
    ]
    optimizer = make(groups)
    path, norms = [], []
    for step in range(STEPS):
        optimizer.zero_grad()
        for index, parameter in enumerate(parameters):
            if index == 0 or step % 3 != 2:
                parameter.grad = GRADIENTS[step, index].clone()
        if clip:
            norms.append(torch.nn.utils.clip_grad_norm_(parameters, clip).item())
        optimizer.step()
        path.append(torch.stack([p.detach().clone() for p in parameters]))
    tensors = {"path": torch.stack(path)[SHOWN]}
    if clip:
        tensors["norms"] = np.array(norms)
    return case(name, tensors, clip=clip, **attributes)


def schedule(name, make, steps=25):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return case(name, {"rates": np.array(rates)})


optim, lr = torch.optim, torch.optim.lr_scheduler
cases = [
    case("inputs", {"start": START, "gradients": GRADIENTS, "shown": np.array(SHOWN)}),
    run("sgd", lambda g: optim.SGD(g), learning_rate=0.1),
    run("sgd decay", lambda g: optim.SGD(g, weight_decay=0.1), learning_rate=0.1),
    run("sgd momentum", lambda g: optim.SGD(g, momentum=0.9, weight_decay=5e-2), learning_rate=0.1),
    run(
        "sgd nesterov",
        lambda g: optim.SGD(g, momentum=0.9, weight_decay=5e-2, nesterov=True),
        learning_rate=0.1,
    ),
    run("sgd clipped", lambda g: optim.SGD(g, momentum=0.9), clip=5.5, learning_rate=0.1),
    run("adam", lambda g: optim.Adam(g, weight_decay=0.1), learning_rate=0.01),
    run(
        "adam betas",
        lambda g: optim.Adam(g, betas=(0.5, 0.9), eps=1e-3),
        learning_rate=0.01,
    ),
    run("adamw", lambda g: optim.AdamW(g, weight_decay=0.1), learning_rate=0.01),
    schedule("poly", lambda o: lr.PolynomialLR(o, total_iters=20, power=0.9)),
    schedule("cosine", lambda o: lr.CosineAnnealingLR(o, T_max=24, eta_min=0.1)),
    schedule("step", lambda o: lr.StepLR(o, step_size=7, gamma=0.5)),
    schedule("multistep", lambda o: lr.MultiStepLR(o, milestones=[5, 6, 15], gamma=0.1)),
    schedule("warm-up", lambda o: lr.LinearLR(o, start_factor=0.1, total_iters=6)),
    schedule(
        "poly warmed up",
        lambda o: lr.ChainedScheduler(
            [
                lr.PolynomialLR(o, total_iters=20, power=0.9),
                lr.LinearLR(o, start_factor=0.1, total_iters=6),
            ]
        ),
    ),
    schedule(
        "warm-up, then cosine",
        lambda o: lr.SequentialLR(
            o,
            [
                lr.LinearLR(o, start_factor=0.1, total_iters=6),
                lr.CosineAnnealingLR(o, T_max=18),
            ],
            milestones=[6],
        ),
    ),
]
write(os.path.splitext(__file__)[0].replace("golden_", "") + ".json", cases, torch=torch.__version__)

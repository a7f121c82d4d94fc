"""A tiny convolutional net that overfits 16 random pictures: 40 steps of PyTorch's loss."""

import os

import numpy as np
import torch
import torch.nn.functional as F
from golden_file import case, write

torch.manual_seed(5)
STEPS = 40


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 6, 3, padding=1)
        self.conv2 = torch.nn.Conv2d(6, 12, 3, stride=2, padding=1)
        self.classifier = torch.nn.Conv2d(12, 5, 4)

    def forward(self, x):
        return self.classifier(F.relu(self.conv2(F.relu(self.conv1(x)))))


network = Network()
pictures = torch.randn(16, 8, 8, 3)
labels = torch.arange(16).reshape(16, 1, 1) % 5
start = {name: value.clone() for name, value in network.state_dict().items()}
optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
schedule = torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=STEPS, power=0.9)
losses = []
for _ in range(STEPS):
    optimizer.zero_grad()
    loss = F.cross_entropy(network(pictures.permute(0, 3, 1, 2)), labels)
    loss.backward()
    optimizer.step()
    schedule.step()
    losses.append(loss.item())
tensors = {"pictures": pictures, "labels": labels, "losses": np.array(losses), **start}
write(
    os.path.splitext(__file__)[0].replace("golden_", "") + ".json",
    [case("overfit", tensors)],
    torch=torch.__version__,
)

"""fastai's recipe for collaborative filtering, written in plain torch: two embeddings with biases, Adam, one cycle."""

from __future__ import annotations

import time

import numpy as np
import torch

RATE, DECAY, BATCH, EPOCHS = 5e-3, 0.1, 64, 5
LOW, HIGH = 0.0, 5.5


class DotBias(torch.nn.Module):
    """sigmoid(p . q + b_u + b_m) from ``LOW`` to ``HIGH``."""

    def __init__(self, n_users: int, n_movies: int, n_factors: int) -> None:
        super().__init__()
        sizes = ((n_users, n_factors), (n_movies, n_factors), (n_users, 1), (n_movies, 1))
        self.tables = torch.nn.ModuleList(torch.nn.Embedding(*size) for size in sizes)
        for table in self.tables:
            torch.nn.init.normal_(table.weight, 0.0, 0.01)

    def forward(self, users: torch.Tensor, movies: torch.Tensor) -> torch.Tensor:
        """Predictions."""
        p, q, b, c = (table(i) for table, i in zip(self.tables, (users, movies, users, movies), strict=True))
        return torch.sigmoid((p * q).sum(1) + b[:, 0] + c[:, 0]) * (HIGH - LOW) + LOW


def one_cycle(data: dict[str, np.ndarray], n_users: int, n_movies: int, n_factors: int) -> tuple[float, float]:
    """(seconds, held-out MSE) of five epochs."""
    torch.manual_seed(0)
    users, movies = (torch.tensor(data[name], dtype=torch.int64) for name in ("users", "movies"))
    values = torch.tensor(data["values"], dtype=torch.float32)
    net, n = DotBias(n_users, n_movies, n_factors), len(values)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY, eps=1e-5)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=EPOCHS * -(-n // BATCH), pct_start=0.25, div_factor=25, final_div_factor=4000
    )
    start = time.perf_counter()
    for _ in range(EPOCHS):
        for batch in torch.randperm(n).split(BATCH):
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(net(users[batch], movies[batch]), values[batch])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    taken = time.perf_counter() - start
    with torch.no_grad():
        test = (torch.tensor(data[name], dtype=torch.int64) for name in ("test_users", "test_movies"))
        errors = net(*test).double().numpy() - data["test_values"]
    return taken, float(np.mean(errors**2))

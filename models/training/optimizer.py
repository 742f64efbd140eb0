"""Muon for the matrices of the blocks, AdamW for all else.

Muon (Jordan 2024, https://kellerjordan.github.io/posts/muon/) makes the momentum of a matrix orthogonal before it is applied. Its update
is scaled as in Moonlight (Liu et al. 2025, arXiv 2502.16982), to the size of an AdamW update, so both take the same learning rate.
"""

import math

import torch

BETAS = (0.9, 0.95)
MOMENTUM = 0.95
DECAY = 0.1
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


def orthogonal(matrices, steps=5):
    """The nearest orthogonal matrices to `[…, N, M]`, about, by a quintic Newton-Schulz iteration."""
    a, b, c = NEWTON_SCHULZ
    x = matrices.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.transpose(-1, -2)
    x = x / (x.float().flatten(-2).norm(dim=-1)[..., None, None] + 1e-7).bfloat16()
    for _ in range(steps):
        square = x @ x.transpose(-1, -2)
        x = a * x + (b * square + c * square @ square) @ x
    return x.transpose(-1, -2) if tall else x


class Optimizer:
    """Updates a Gpt2 in place. `adamw` is a faster AdamW step for this device, or None."""

    def __init__(self, model, adamw=None):
        self.parameters = dict(model.named_parameters())
        self.adamw = adamw
        self.state = {name: self.fresh(name, p) for name, p in self.parameters.items()}
        self.steps = 0

    @staticmethod
    def is_matrix(name):
        return name.startswith("h.") and ".ln_" not in name and name.endswith("weight")

    def fresh(self, name, parameter):
        return [torch.zeros_like(parameter) for _ in range(1 if self.is_matrix(name) else 2)]

    @torch.no_grad()
    def step(self, rate, parts=1):
        """Applies the gradients, which are sums over so many parts, clipped to a norm of 1, and clears them. @returns their norm before."""
        self.steps += 1
        gradients = [p.grad for p in self.parameters.values()]
        norm = math.sqrt(sum(float(g.float().pow(2).sum()) for g in gradients)) / parts
        for gradient in gradients:
            gradient.mul_(min(1.0, 1 / (norm + 1e-6)) / parts)
        for name, parameter in self.parameters.items():
            if self.is_matrix(name):
                self.muon(name, parameter, rate)
            else:
                self.adam(name, parameter, rate)
            parameter.grad = None
        return norm

    def muon(self, name, parameter, rate):
        (momentum,) = self.state[name]
        momentum.lerp_(parameter.grad, 1 - MOMENTUM)
        update = parameter.grad.lerp(momentum, MOMENTUM)
        width = parameter.shape[1]
        parts = 3 if "c_attn" in name else 1  # Query, key and value are matrices of their own.
        update = orthogonal(update.view(parts, -1, width)).reshape(parameter.shape)
        size = 0.2 * math.sqrt(max(parameter.shape[0] // parts, width))
        parameter.mul_(1 - rate * DECAY).add_(update.to(parameter.dtype), alpha=-rate * size)

    def adam(self, name, parameter, rate):
        first, second = self.state[name]
        decay = DECAY if name == "wte" else 0.0
        if self.adamw is not None:
            return self.adamw(parameter.data, first, second, parameter.grad, rate, BETAS, self.steps, decay)
        first.lerp_(parameter.grad, 1 - BETAS[0])
        second.lerp_(parameter.grad.square(), 1 - BETAS[1])
        corrected = [moment / (1 - beta**self.steps) for moment, beta in zip((first, second), BETAS)]
        parameter.mul_(1 - rate * decay).sub_(rate * corrected[0] / (corrected[1].sqrt() + 1e-8))

    def state_dict(self):
        return {"steps": self.steps, "state": self.state}

    def load_state_dict(self, saved):
        self.steps = saved["steps"]
        for name, tensors in saved["state"].items():
            for ours, theirs in zip(self.state[name], tensors):
                ours.copy_(theirs)

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

    def __init__(self, model, adamw=None, decay=DECAY):
        self.parameters = dict(model.named_parameters())
        self.adamw, self.decay = adamw, decay
        # Parameters of one shape are updated together: a GPU spends longer on starting many small kernels than on their work.
        self.groups = {}
        for name, parameter in self.parameters.items():
            self.groups.setdefault((self.kind(name), *parameter.shape), []).append(name)
        self.state = {group: self.fresh(group[0], names) for group, names in self.groups.items()}
        self.steps = 0

    @staticmethod
    def kind(name):
        if name.startswith("h.") and ".ln_" not in name and name.endswith("weight"):
            return "attention" if "c_attn" in name else "matrix"
        return "embedding" if name == "wte" else "vector"

    def fresh(self, kind, names):
        parameters = [self.parameters[name].detach() for name in names]
        return [torch.zeros_like(torch.stack(parameters)) for _ in range(1 if kind in ("attention", "matrix") else 2)]

    @torch.no_grad()
    def step(self, rate, parts=1):
        """
        Applies the gradients, which are sums over so many parts, clipped to a norm of 1, and clears them.
        @returns their norm before, on the device: to read it is to wait for the step
        """
        self.steps += 1
        norm = torch.stack([p.grad.norm() for p in self.parameters.values()]).norm() / parts
        scale = (1 / (norm + 1e-6)).clamp(max=1) / parts
        for group, names in self.groups.items():
            gradient = torch.stack([self.parameters[name].grad for name in names]).mul_(scale)
            update = self.muon if group[0] in ("attention", "matrix") else self.adam
            update(group, names, gradient, rate)
            for name in names:
                self.parameters[name].grad = None
        return norm

    def muon(self, group, names, gradient, rate):
        (momentum,) = self.state[group]
        momentum.lerp_(gradient, 1 - MOMENTUM)
        update = gradient.lerp(momentum, MOMENTUM)
        kind, rows, width = group
        parts = 3 if kind == "attention" else 1  # Query, key and value are matrices of their own.
        update = orthogonal(update.view(len(names) * parts, -1, width)).view(update.shape)
        size = 0.2 * math.sqrt(max(rows // parts, width))
        self.apply(names, update.to(momentum.dtype), rate * size, rate * self.decay)

    def adam(self, group, names, gradient, rate):
        first, second = self.state[group]
        decay = self.decay if group[0] == "embedding" else 0.0
        if self.adamw is not None:
            for place, name in enumerate(names):
                parts = first[place], second[place], gradient[place]
                self.adamw(self.parameters[name].data, *parts, rate, BETAS, self.steps, decay)
            return
        first.lerp_(gradient, 1 - BETAS[0])
        second.lerp_(gradient.square(), 1 - BETAS[1])
        corrected = [moment / (1 - beta**self.steps) for moment, beta in zip((first, second), BETAS)]
        self.apply(names, corrected[0] / (corrected[1].sqrt() + 1e-8), rate, rate * decay)

    def apply(self, names, update, rate, decay):
        parameters = [self.parameters[name].data for name in names]
        torch._foreach_mul_(parameters, 1 - decay)
        torch._foreach_add_(parameters, list(update.unbind()), alpha=-rate)

    def state_dict(self):
        return {"steps": self.steps, "state": self.state}

    def load_state_dict(self, saved):
        self.steps = saved["steps"]
        for group, tensors in saved["state"].items():
            for ours, theirs in zip(self.state[group], tensors):
                ours.copy_(theirs)

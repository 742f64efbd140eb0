"""GPT-2, for training: learned positions, pre-norm, tanh GELU, tied head. Parameters have Hugging Face's names, matrices are `[out, in]`."""

import math
from dataclasses import asdict, dataclass, replace

import torch
from torch import nn


@dataclass(frozen=True)
class Config:
    layers: int = 6
    heads: int = 4
    width: int = 256
    context: int = 1024
    vocabulary: int = 50284

    def as_dict(self):
        return asdict(self)


class Linear(nn.Module):
    def __init__(self, ops, inputs, outputs, deviation):
        super().__init__()
        self.ops = ops
        self.weight = nn.Parameter(torch.randn(outputs, inputs) * deviation)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return self.ops.linear(x, self.weight, self.bias)

    def added_to(self, residual, x):
        return self.ops.add_linear(residual, x, self.weight, self.bias)


class LayerNorm(nn.Module):
    def __init__(self, ops, width):
        super().__init__()
        self.ops = ops
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x, dtype):
        return self.ops.layer_norm(x, self.weight, self.bias, dtype)


class Block(nn.Module):
    def __init__(self, config, ops):
        super().__init__()
        self.ops, self.heads = ops, config.heads
        width, into_residual = config.width, 0.02 / math.sqrt(2 * config.layers)
        self.ln_1, self.ln_2 = LayerNorm(ops, width), LayerNorm(ops, width)
        self.c_attn = Linear(ops, width, 3 * width, 0.02)
        self.c_proj = Linear(ops, width, width, into_residual)
        self.c_fc = Linear(ops, width, 4 * width, 0.02)
        self.mlp_proj = Linear(ops, 4 * width, width, into_residual)

    def forward(self, x, length, dtype):
        """`x [B·T, D]`, f32, rows of `length` positions."""
        mixed = self.ops.attention(self.c_attn(self.ln_1(x, dtype)), length, self.heads)
        x = self.c_proj.added_to(x, mixed)
        return self.mlp_proj.added_to(x, self.ops.gelu(self.c_fc(self.ln_2(x, dtype))))


class Gpt2(nn.Module):
    """`ops` is the module ops or fused, `dtype` that of the matrix products."""

    def __init__(self, config, ops, dtype):
        super().__init__()
        self.config, self.ops, self.dtype = config, ops, dtype
        self.wte = nn.Parameter(torch.randn(config.vocabulary, config.width) * 0.02)
        self.wpe = nn.Parameter(torch.randn(config.context, config.width) * 0.01)
        self.h = nn.ModuleList(Block(config, ops) for _ in range(config.layers))
        self.ln_f = LayerNorm(ops, config.width)

    def forward(self, tokens, shortlist=None):
        """The mean loss of each next token of `tokens [B, T]`. With a shortlist, only ids below it are in the softmax and count."""
        batch, length = tokens.shape
        x = self.ops.embedding(tokens, self.wte, self.wpe).view(batch * length, -1)
        for block in self.h:
            x = block(x, length, self.dtype)
        targets = torch.full_like(tokens, -1)
        targets[:, :-1] = tokens[:, 1:]
        targets = torch.where(targets < (shortlist or len(self.wte)), targets, torch.full_like(targets, -1))
        return self.ops.cross_entropy(self.ln_f(x, self.dtype), self.wte, shortlist, targets.reshape(-1))

    def hugging_face(self, rows):
        """The parameters by Hugging Face's names and in its layout. `rows` gives the place of each token id in `wte`."""
        return {
            hugging_face_name(name): (p.t() if is_conv1d(name) else p[rows] if name == "wte" else p).detach()
            for name, p in self.named_parameters()
        }

    @torch.no_grad()
    def load_hugging_face(self, tensors, ids):
        """The reverse. `ids` gives the token id of each row of `wte`."""
        for name, parameter in self.named_parameters():
            tensor = tensors[hugging_face_name(name)]
            parameter.copy_(tensor.t() if is_conv1d(name) else tensor[ids] if name == "wte" else tensor)


def hugging_face_name(name):
    if name in ("wte", "wpe"):
        return f"{name}.weight"
    places = {"c_attn": "attn.c_attn", "c_proj": "attn.c_proj", "c_fc": "mlp.c_fc", "mlp_proj": "mlp.c_proj"}
    return ".".join(places.get(part, part) for part in name.split("."))


def is_conv1d(name):
    """Whether Hugging Face stores the parameter as `[in, out]`."""
    return name.startswith("h.") and ".ln_" not in name and name.endswith("weight")


def grown(config, tensors):
    """
    The config and tensors, by Hugging Face's names, of a model of twice the blocks that computes the same: behind each block a copy of it
    whose output projections are 0. The copy's other matrices spare it learning them from noise.
    """
    result = {}
    for name, tensor in tensors.items():
        if not name.startswith("h."):
            result[name] = tensor
            continue
        _, layer, rest = name.split(".", 2)
        result[f"h.{2 * int(layer)}.{rest}"] = tensor
        result[f"h.{2 * int(layer) + 1}.{rest}"] = torch.zeros_like(tensor) if ".c_proj." in rest else tensor
    return replace(config, layers=2 * config.layers), result

"""What a GPT-2 is made of, in PyTorch's own functions: for a GPU, and wherever fused.py cannot be compiled.

The residual stream is f32, what goes into a matrix product has the dtype of `x`. fused.py has the same functions for a CPU.
"""

import math

import torch
import torch.nn.functional as F


def linear(x, weight, bias):
    return F.linear(x, weight.to(x.dtype), bias.to(x.dtype))


def layer_norm(x, weight, bias, dtype):
    """f32 `[M, D]` -> `dtype` `[M, D]`."""
    return F.layer_norm(x, x.shape[-1:], weight, bias, 1e-5).to(dtype)


def gelu(x):
    return F.gelu(x, approximate="tanh")


def attention(query, key, value):
    """Causal attention, `[B, H, T, hd]` each."""
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(query, key, value, is_causal=True)
    length = query.shape[-2]
    scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
    causal = torch.ones(length, length, dtype=torch.bool, device=query.device).tril()
    return torch.softmax(scores.masked_fill(~causal, -math.inf), dim=-1) @ value


def cross_entropy(hidden, embedding, targets):
    """The mean loss of the targets (`[M]`, those below 0 do not count) for the logits `hidden [M, D] · embedding [V, D]ᵀ`."""
    logits = hidden @ embedding.to(hidden.dtype).t()
    return F.cross_entropy(logits.float(), targets, ignore_index=-1)

"""What a GPT-2 is made of, in PyTorch's own functions: for a GPU, and wherever fused.py cannot be compiled.

The residual stream is f32, what goes into a matrix product has the dtype of `x`. fused.py has the same functions for a CPU.
"""

import math

import torch
import torch.nn.functional as F


def linear(x, weight, bias):
    return F.linear(x, weight.to(x.dtype), bias.to(x.dtype))


def add_linear(residual, x, weight, bias):
    return residual + linear(x, weight, bias)


def embedding(tokens, table, positions):
    """`[B, T, D]`, f32."""
    return F.embedding(tokens, table) + positions[: tokens.shape[1]]


def layer_norm(x, weight, bias, dtype):
    """f32 `[M, D]` -> `dtype` `[M, D]`."""
    return F.layer_norm(x, x.shape[-1:], weight, bias, 1e-5).to(dtype)


def gelu(x):
    return F.gelu(x, approximate="tanh")


def split(projected, length, heads):
    """Queries, keys and values, `[B, H, T, hd]` each, of `[B·T, 3·D]`."""
    parts = projected.view(-1, length, 3, heads, projected.shape[-1] // 3 // heads)
    return (part.transpose(1, 2) for part in parts.unbind(2))


def join(mixed):
    """`[B·T, D]` of `[B, H, T, hd]`."""
    batch, heads, length, size = mixed.shape
    return mixed.transpose(1, 2).reshape(batch * length, heads * size)


def attention(projected, length, heads):
    """Causal attention over rows of `length` positions: `[B·T, D]` of queries, keys and values side by side, `[B·T, 3·D]`."""
    query, key, value = split(projected, length, heads)
    if hasattr(F, "scaled_dot_product_attention"):
        return join(F.scaled_dot_product_attention(query, key, value, is_causal=True))
    scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
    causal = torch.ones(length, length, dtype=torch.bool, device=query.device).tril()
    return join(torch.softmax(scores.masked_fill(~causal, -math.inf), dim=-1) @ value)


def cross_entropy(hidden, table, shortlist, targets):
    """The mean loss of the targets (`[M]`, those below 0 do not count) for the logits `hidden [M, D] · table[:shortlist]ᵀ`."""
    rows = table[:shortlist].to(hidden.dtype)
    # A GPU's matrix units need rows that are aligned; those of 50,284 are not.
    logits = hidden @ F.pad(rows, (0, 0, 0, -len(rows) % 64)).t()
    return F.cross_entropy(logits[:, : len(rows)].float(), targets, ignore_index=-1)

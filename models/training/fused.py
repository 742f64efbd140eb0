"""The functions of ops.py for a CPU: matrix products in bfloat16 by PyTorch, all else by kernels.c, with gradients written out.

PyTorch's own GELU, softmax and layer norm on a CPU take longer than the matrix products, and so does adding up a bias's gradient.
"""

import ctypes
import math
import subprocess
import tempfile
from pathlib import Path

import torch

import ops

LOGIT_ROWS = 2048  # Logits of so many rows are held at a time.
QUERY_BLOCK = 256  # Queries that attend together: keys behind a block's last query are left out.


def compile_kernels(name):
    """Compiles a C file for this machine and loads it. Throws where there is no C compiler."""
    source = Path(__file__).with_name(name)
    library = Path(tempfile.mkdtemp()) / "kernels.so"
    command = ["cc", "-O3", "-march=native", "-ffast-math", "-fopenmp", "-shared", "-fPIC", source, "-o", library, "-lm"]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(library))


kernels = compile_kernels("kernels.c")


def call(name, *arguments, library=kernels):
    convert = {int: ctypes.c_long, float: ctypes.c_float, type(None): ctypes.c_void_p}
    pointers = [
        ctypes.c_void_p(a.data_ptr()) if isinstance(a, torch.Tensor) else convert[type(a)](a) for a in arguments
    ]
    assert all(a.is_contiguous() for a in arguments if isinstance(a, torch.Tensor))
    getattr(library, name)(*pointers)


class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias):
        narrow = weight.to(x.dtype)
        ctx.save_for_backward(x, narrow)
        return torch.nn.functional.linear(x, narrow, bias.to(x.dtype))

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        ones = torch.ones(1, len(dy), dtype=dy.dtype)
        return dy @ weight, (dy.t() @ x).float(), (ones @ dy)[0].float()


class LayerNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias):
        rows, width = x.shape
        y, means, scales = torch.empty(rows, width, dtype=torch.bfloat16), torch.empty(rows), torch.empty(rows)
        call("layer_norm_forward", x, weight, bias, y, means, scales, rows, width)
        ctx.save_for_backward(x, weight, means, scales)
        return y

    @staticmethod
    def backward(ctx, dy):
        x, weight, means, scales = ctx.saved_tensors
        rows, width = x.shape
        threads = torch.get_num_threads()
        dx, dweight, dbias = torch.empty_like(x), torch.zeros(threads, width), torch.zeros(threads, width)
        call("layer_norm_backward", x, weight, dy.contiguous(), means, scales, dx, dweight, dbias, rows, width)
        return dx, dweight.sum(0), dbias.sum(0)


class Gelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        y = torch.empty_like(x)
        call("gelu_forward", x, y, x.numel())
        return y

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        dx = torch.empty_like(x)
        call("gelu_backward", x, dy.contiguous(), dx, x.numel())
        return dx


class Attention(torch.autograd.Function):
    """Over `[B·H, T, hd]`, a block of queries at a time."""

    @staticmethod
    def blocks(length):
        return [(start, min(start + QUERY_BLOCK, length)) for start in range(0, length, QUERY_BLOCK)]

    @staticmethod
    def forward(ctx, query, key, value):
        batch, length, size = query.shape
        scale = 1 / math.sqrt(size)
        mixed, saved = [], []
        for start, end in Attention.blocks(length):
            p = torch.bmm(query[:, start:end], key[:, :end].transpose(1, 2))
            call("causal_softmax_forward", p, batch, end - start, end, start, scale)
            mixed.append(torch.bmm(p, value[:, :end]))
            saved.append(p)
        ctx.save_for_backward(query, key, value, *saved)
        return torch.cat(mixed, 1)

    @staticmethod
    def backward(ctx, dy):
        query, key, value, *saved = ctx.saved_tensors
        batch, length, size = query.shape
        dquery, dkey, dvalue = torch.empty_like(query), torch.zeros_like(key), torch.zeros_like(value)
        for (start, end), p in zip(Attention.blocks(length), saved):
            g = dy[:, start:end]
            dvalue[:, :end] += torch.bmm(p.transpose(1, 2), g)
            dp = torch.bmm(g, value[:, :end].transpose(1, 2))
            call("causal_softmax_backward", p, dp, batch, end - start, end, start, 1 / math.sqrt(size))
            dquery[:, start:end] = torch.bmm(dp, key[:, :end])
            dkey[:, :end] += torch.bmm(dp.transpose(1, 2), query[:, start:end])
        return dquery, dkey, dvalue


class CrossEntropy(torch.autograd.Function):
    """Computes the gradients on the way there, so that the logits of all rows are never in memory together."""

    @staticmethod
    def forward(ctx, hidden, embedding, targets):
        narrow = embedding.to(hidden.dtype)
        counted = max(1, int((targets >= 0).sum()))
        losses, dhidden = torch.empty(len(targets)), torch.empty_like(hidden)
        dembedding = torch.zeros_like(embedding)
        for start in range(0, len(targets), LOGIT_ROWS):
            rows = slice(start, start + LOGIT_ROWS)
            logits = hidden[rows] @ narrow.t()
            call("cross_entropy", logits, targets[rows].contiguous(), losses[rows], len(logits), len(narrow), 1 / counted)
            dhidden[rows] = logits @ narrow
            dembedding += logits.t() @ hidden[rows]
        ctx.save_for_backward(dhidden, dembedding)
        return losses.sum() / counted

    @staticmethod
    def backward(ctx, scale):
        dhidden, dembedding = ctx.saved_tensors
        return (dhidden, dembedding, None) if scale == 1 else (dhidden * scale, dembedding * scale, None)


linear = Linear.apply
gelu = Gelu.apply
embedding = ops.embedding


def add_linear(residual, x, weight, bias):
    return residual + linear(x, weight, bias)


def cross_entropy(hidden, table, shortlist, targets):
    return CrossEntropy.apply(hidden, table[:shortlist], targets)


def layer_norm(x, weight, bias, dtype):
    assert dtype == torch.bfloat16
    return LayerNorm.apply(x, weight, bias)


def attention(projected, length, heads):
    query, key, value = ops.split(projected, length, heads)
    shape = query.shape
    flat = [t.reshape(-1, *shape[2:]) for t in (query, key, value)]
    return ops.join(Attention.apply(*flat).view(shape))


def adamw(parameter, first, second, gradient, rate, betas, step, decay):
    corrections = [1 - beta**step for beta in betas]
    arguments = (rate, *betas, *corrections, 1e-8, decay)
    call("adamw", parameter, first, second, gradient, parameter.numel(), *(float(a) for a in arguments))

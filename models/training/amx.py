"""The functions of fused.py for CPUs with AMX, in amx.c: twice the speed and more."""

import torch

import fused
from fused import adamw, layer_norm  # noqa: F401

UNIT = 32  # Rows, widths and heads' sizes are multiples of it.

kernels = fused.compile_kernels("amx.c")
if kernels.amx_allow() != 0:
    raise OSError("the system does not give out AMX tiles")


def suits(config, lengths):
    return all(n % UNIT == 0 for n in (config.width // config.heads, *lengths))


def call(name, *arguments):
    fused.call(name, *arguments, library=kernels)


class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, residual, x, weight, bias):
        ctx.save_for_backward(x, weight)
        ctx.has_residual = residual is not None
        sizes = (*x.shape, len(weight))
        y = torch.empty(sizes[0], sizes[2], dtype=torch.float32 if ctx.has_residual else torch.bfloat16)
        call("amx_linear_forward", x, weight, bias, residual, y, *sizes)
        return y

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        narrow = dy.bfloat16()
        dx, dweight, dbias = torch.empty_like(x), torch.empty_like(weight), torch.empty(len(weight))
        call("amx_linear_backward", x, weight, narrow, dx, dweight, dbias, *x.shape, len(weight))
        return dy if ctx.has_residual else None, dx, dweight, dbias


class Gelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        y = torch.empty_like(x)
        call("amx_gelu_forward", x, y, x.numel())
        return y

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        dx = torch.empty_like(x)
        call("amx_gelu_backward", x, dy, dx, x.numel())
        return dx


class Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, projected, length, heads):
        rows, width = len(projected), projected.shape[1] // 3
        ctx.sizes = rows // length, length, heads, width // heads
        mixed, logs = torch.empty(rows, width, dtype=torch.bfloat16), torch.empty(rows * heads)
        call("amx_attention_forward", projected, mixed, logs, *ctx.sizes)
        ctx.save_for_backward(projected, mixed, logs)
        return mixed

    @staticmethod
    def backward(ctx, dmixed):
        projected, mixed, logs = ctx.saved_tensors
        dprojected = torch.empty_like(projected)
        call("amx_attention_backward", projected, mixed, dmixed, logs, dprojected, *ctx.sizes)
        return dprojected, None, None


def gradient(parameter):
    if parameter.grad is None:
        parameter.grad = torch.zeros_like(parameter)
    return parameter.grad


class Embedding(torch.autograd.Function):
    """Adds to the table's gradient where it is: a new one of its size takes longer than the sums."""

    @staticmethod
    def forward(ctx, tokens, table, positions):
        ctx.save_for_backward(tokens)
        ctx.parameters = table, positions
        return torch.nn.functional.embedding(tokens, table) + positions[: tokens.shape[1]]

    @staticmethod
    def backward(ctx, dx):
        (tokens,) = ctx.saved_tensors
        table, positions = ctx.parameters
        gradient(table).index_add_(0, tokens.view(-1), dx.view(-1, dx.shape[-1]))
        gradient(positions)[: tokens.shape[1]] += dx.sum(0)
        return None, None, None


class CrossEntropy(torch.autograd.Function):
    """Computes the gradients on the way there, so that the logits are never in memory together, and adds that of the table where it is."""

    @staticmethod
    def forward(ctx, hidden, table, shortlist, targets, learns):
        counted = max(1, int((targets >= 0).sum()))
        losses, dhidden = torch.empty(len(targets)), torch.empty_like(hidden)
        dtable = gradient(table) if learns else None
        size = shortlist or len(table)
        call("amx_head", hidden, table, targets, losses, dhidden, dtable, *hidden.shape[:1], size, hidden.shape[1], 1 / counted)
        ctx.save_for_backward(dhidden)
        return losses.sum() / counted

    @staticmethod
    def backward(ctx, scale):
        assert scale == 1, "the table has had its gradient already"
        return (*ctx.saved_tensors, None, None, None, None)


gelu = Gelu.apply
attention = Attention.apply
embedding = Embedding.apply


def linear(x, weight, bias):
    return Linear.apply(None, x, weight, bias)


def add_linear(residual, x, weight, bias):
    return Linear.apply(residual, x, weight, bias)


def cross_entropy(hidden, table, shortlist, targets):
    return CrossEntropy.apply(hidden, table, shortlist, targets, torch.is_grad_enabled())

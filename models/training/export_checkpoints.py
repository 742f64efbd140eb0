#!/usr/bin/env python3
"""Computes what a GPT-2 in a GGUF file should compute, in float64 with PyTorch, and writes it beside the model as checkpoints.json.

The extension's float64 reference is compared with these numbers whenever its checkpoints are run on the model
(src/gpt2/verification/checkpoints/independent.ts). So this file shares nothing with the extension: it reads GGUF and its Q8_0 blocks itself, and the
forward pass is PyTorch's own functions where there are any.

    /usr/bin/python3 models/training/export_checkpoints.py models/gpt2-code-mini/gpt2-code-mini.Q8_0.gguf

Needs numpy and torch (1.13 or newer), nothing else.
"""

import argparse
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

from gguf import Gguf

# `export function add(a: number, b: number) {\n  return` in the vocabulary p50k_edit.
PROMPT = [39344, 2163, 751, 7, 64, 25, 1271, 11, 275, 25, 1271, 8, 1391, 198, 220, 1441]
CONTINUATION = 10
SAMPLES = 24


class Gpt2:
    def __init__(self, gguf):
        number = lambda key: gguf.metadata[f"gpt2.{key}"]
        self.tensor = gguf.tensor
        self.layers, self.heads = number("block_count"), number("attention.head_count")
        self.epsilon = float(f'{number("attention.layer_norm_epsilon"):.7g}')
        self.embedding = gguf.tensor("token_embd.weight")
        self.positions = gguf.tensor("position_embd.weight")
        self.head = gguf.tensor("output.weight") if "output.weight" in gguf.infos else self.embedding

    def linear(self, name, x):
        return F.linear(x, self.tensor(f"{name}.weight"), self.tensor(f"{name}.bias"))

    def norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.tensor(f"{name}.weight"), self.tensor(f"{name}.bias"), self.epsilon)

    def forward(self, tokens):
        """All tensors of a pass over the whole sequence, `[S, …]`, by the names that the extension has for them."""
        length, heads = len(tokens), self.heads
        x = self.embedding[tokens] + self.positions[:length]
        width = x.shape[-1]
        size = width // heads
        causal = torch.tril(torch.ones(length, length, dtype=torch.bool))
        taps = {}
        for layer in range(self.layers):
            name, block = f"h.{layer}", f"blk.{layer}"
            taps[f"{name}.ln_1"] = normalized = self.norm(f"{block}.attn_norm", x)
            projected = self.linear(f"{block}.attn_qkv", normalized).view(length, 3, heads, size)
            query, key, value = projected.unbind(1)
            taps.update({f"{name}.attn.query": query, f"{name}.attn.key": key, f"{name}.attn.value": value})
            scores = torch.einsum("ihd,jhd->hij", query, key) / math.sqrt(size)
            taps[f"{name}.attn.scores"] = scores
            weights = torch.softmax(scores.masked_fill(~causal, -math.inf), dim=-1)
            mixed = torch.einsum("hij,jhd->ihd", weights, value).reshape(length, width)
            taps[f"{name}.attn.c_proj"] = attention = self.linear(f"{block}.attn_output", mixed)
            x = x + attention
            inner = self.linear(f"{block}.ffn_up", self.norm(f"{block}.ffn_norm", x))
            inner = 0.5 * inner * (1 + torch.tanh(math.sqrt(2 / math.pi) * (inner + 0.044715 * inner**3)))
            taps[f"{name}.mlp.c_proj"] = forward = self.linear(f"{block}.ffn_down", inner)
            taps[name] = x = x + forward
        taps["ln_f"] = normalized = self.norm("output_norm", x)
        taps["logits"] = F.linear(normalized, self.head)
        return taps


def sampled(checkpoint, name, which, tensor):
    flat = tensor.reshape(-1)
    places = [i * (flat.numel() - 1) // (SAMPLES - 1) for i in range(SAMPLES)]
    values = [float(f"{flat[place]:.12g}") for place in places]
    return {"checkpoint": checkpoint, "pass": which, "name": name, "shape": list(tensor.shape), "values": values}


def samples(model, tokens, step):
    """Samples of the prompt's pass and of the step behind it, which is the last row of the longer pass."""
    prefill, longer = model.forward(tokens), model.forward(tokens + [step])
    last = lambda name: longer[name][:, -1:] if name.endswith("scores") else longer[name][-1:]
    wanted = [(1, "h.0.ln_1"), (2, "h.0.attn.query"), (2, "h.0.attn.key"), (2, "h.0.attn.value")]
    for layer in range(model.layers):
        wanted += [(3, f"cache.{layer}.key"), (3, f"cache.{layer}.value")]
    wanted += [(4, "h.0.attn.scores"), (5, "h.0.attn.c_proj"), (6, "h.0.mlp.c_proj"), (7, "h.0"), (8, "logits")]
    wanted += [(8, f"h.{layer}") for layer in range(1, model.layers)] + [(8, "ln_f")]
    result = []
    for checkpoint, name in wanted:
        if name.startswith("cache."):
            _, layer, kind = name.split(".")
            source = f"h.{layer}.attn.{kind}"
            result.append(sampled(checkpoint, name, "prefill", prefill[source]))
            result.append(sampled(checkpoint, name, "step", longer[source]))
        else:
            result.append(sampled(checkpoint, name, "prefill", prefill[name]))
            result.append(sampled(checkpoint, name, "step", last(name)))
    return result


def main():
    parser = argparse.ArgumentParser(description="Writes checkpoints.json beside a GPT-2 in a GGUF file.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--tokens", type=lambda ids: [int(token) for token in ids.split(",")], default=PROMPT)
    arguments = parser.parse_args()
    model = Gpt2(Gguf(arguments.model))
    tokens = arguments.tokens
    continuation = []
    for _ in range(CONTINUATION):
        logits = model.forward(tokens + continuation)["logits"][-1]
        best, second = torch.topk(logits, 2).values.tolist()
        assert best - second > 1e-6, "a tie: choose another prompt"
        continuation.append(int(torch.argmax(logits)))
    values = {
        "source": f"PyTorch {torch.__version__.split('+')[0]} in float64 (models/training/export_checkpoints.py)",
        "tokens": tokens,
        "continuation": continuation,
        "tensors": samples(model, tokens, continuation[0]),
    }
    lines = [json.dumps(tensor) for tensor in values.pop("tensors")]
    head = json.dumps(values)[:-1]
    text = head + ', "tensors": [\n' + ",\n".join(lines) + "\n]}\n"
    arguments.model.with_name("checkpoints.json").write_text(text)
    print(f"{len(text)} bytes, continuation {continuation}")


if __name__ == "__main__":
    main()

"""Reads GGUF, version 3: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"""

import math
import struct
from pathlib import Path

import numpy as np
import torch

from gpt2 import Config


class Gguf:
    """The metadata of a file, and its tensors where these are F32 or Q8_0."""

    SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}

    def __init__(self, path):
        self.data = memoryview(Path(path).read_bytes())
        self.at = 0
        magic, version, tensors, keys = self.unpack("<4sIQQ")
        assert magic == b"GGUF" and version == 3, "not a GGUF file of version 3"
        self.metadata = {}
        for _ in range(keys):
            key = self.string()
            self.metadata[key] = self.value(self.unpack("<I")[0])
        infos = [self.info() for _ in range(tensors)]
        alignment = self.metadata.get("general.alignment", 32)
        self.start = -(-self.at // alignment) * alignment
        self.infos = {name: rest for name, *rest in infos}

    def unpack(self, form):
        values = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return values

    def string(self):
        (length,) = self.unpack("<Q")
        self.at += length
        return bytes(self.data[self.at - length : self.at]).decode("utf-8", "surrogateescape")

    def value(self, kind):
        if kind == 8:
            return self.string()
        if kind == 9:
            inner, count = self.unpack("<IQ")
            return [self.value(inner) for _ in range(count)]
        return self.unpack("<" + self.SCALARS[kind])[0]

    def info(self):
        name = self.string()
        (rank,) = self.unpack("<I")
        shape = self.unpack(f"<{rank}Q")[::-1]
        return (name, shape, *self.unpack("<IQ"))

    def tensor(self, name):
        """A tensor in float64, outermost dimension first."""
        shape, kind, offset = self.infos[name]
        count, start = math.prod(shape), self.start + offset
        if kind == 0:
            values = np.frombuffer(self.data, "<f4", count, start)
        elif kind == 8:  # Q8_0: a half-precision scale and 32 signed bytes.
            blocks = np.frombuffer(self.data, np.dtype([("scale", "<f2"), ("values", "i1", 32)]), count // 32, start)
            values = blocks["scale"].astype(np.float64)[:, None] * blocks["values"]
        else:
            raise SystemExit(f"{name} has the type {kind}; F32 and Q8_0 can be read.")
        return torch.from_numpy(values.astype(np.float64).reshape(shape))


PLACES = {
    "token_embd": "wte", "position_embd": "wpe", "output_norm": "ln_f", "attn_norm": "ln_1", "attn_qkv": "attn.c_attn",
    "attn_output": "attn.c_proj", "ffn_norm": "ln_2", "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj", "blk": "h",
}  # fmt: skip


def load_gpt2(path):
    """The config and the tensors of a GPT-2, as hugging_face.load_folder gives them."""
    gguf = Gguf(path)
    number = lambda key: gguf.metadata[f"gpt2.{key}"]
    shape = [number("block_count"), number("attention.head_count"), number("embedding_length"), number("context_length")]
    tensors = {}
    for name in gguf.infos:
        tensor = gguf.tensor(name).float()
        is_linear = name.startswith("blk.") and name.endswith(".weight") and "_norm" not in name
        tensors[".".join(PLACES.get(part, part) for part in name.split("."))] = tensor.t() if is_linear else tensor
    return Config(*shape, vocabulary=len(tensors["wte.weight"])), tensors

"""Reads and writes Hugging Face's safetensors (https://github.com/huggingface/safetensors#format) and the folder of a GPT-2."""

import json
import struct
from pathlib import Path

import numpy as np
import torch

from gpt2 import Config

READ = {"F32": np.float32, "F16": np.float16}


def read(path):
    data = Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    tensors = {}
    for name, info in json.loads(data[8 : 8 + length]).items():
        if name == "__metadata__":
            continue
        start, end = (8 + length + offset for offset in info["data_offsets"])
        values = np.frombuffer(data[start:end], READ[info["dtype"]]).reshape(info["shape"])
        tensors[name] = torch.from_numpy(values.astype(np.float32))
    return tensors


def write(path, tensors):
    """Writes f32 tensors as F16."""
    header, parts, offset = {}, [], 0
    for name, tensor in tensors.items():
        part = tensor.detach().cpu().numpy().astype("<f2").tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(part)]}
        parts.append(part)
        offset += len(part)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


def save_folder(folder, config, tensors):
    """Writes config.json and model.safetensors."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    described = {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new",
        "n_embd": config.width, "n_layer": config.layers, "n_head": config.heads, "n_positions": config.context,
        "n_ctx": config.context, "vocab_size": config.vocabulary, "layer_norm_epsilon": 1e-5,
        "bos_token_id": 50256, "eos_token_id": 50256, "tie_word_embeddings": True,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(described, indent=2) + "\n")
    write(folder / "model.safetensors", tensors)


def load_folder(folder):
    """The config and the tensors of a folder such as save_folder writes."""
    folder = Path(folder)
    c = json.loads((folder / "config.json").read_text())
    config = Config(c["n_layer"], c["n_head"], c["n_embd"], c["n_positions"], c["vocab_size"])
    tensors = {name.removeprefix("transformer."): t for name, t in read(folder / "model.safetensors").items()}
    return config, tensors

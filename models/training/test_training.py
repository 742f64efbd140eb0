#!/usr/bin/env python3
"""Tests of the trainer: its own gradients against PyTorch's, resuming, export. `models/training/smoke.sh` runs them."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

import fused
import gguf
import hugging_face
import ops
from gpt2 import Config, Gpt2, grown
from optimizer import Optimizer, orthogonal
from rows import FrequencyOrder, Shuffled

try:
    import amx
except (OSError, subprocess.CalledProcessError):  # A processor without the unit, or a compiler that does not know it.
    amx = None
FAST = [fused, amx] if amx else [fused]
TINY = Config(layers=2, heads=2, width=64, context=64, vocabulary=300)


def relative(ours, theirs):
    return float((ours.float() - theirs).norm() / (theirs.norm() + 1e-12))


class Gradients(unittest.TestCase):
    """fused.py and amx.py in bfloat16 against ops.py in float32; bfloat16 has 8 bits, so a few per cent are rounding and a mistake is far more."""

    def compare(self, name, *shapes, **options):
        torch.manual_seed(0)
        inputs = [torch.randn(*shape) * 0.5 for shape in shapes]
        results = []
        for module, dtype in ((ops, torch.float32), *((fast, torch.bfloat16) for fast in FAST)):
            leaves = [x.clone().requires_grad_() for x in inputs]
            y = options["apply"](getattr(module, name), leaves, dtype)
            direction = torch.randn(y.shape, generator=torch.Generator().manual_seed(3)) if y.dim() else torch.tensor(1.0)
            y.float().backward(direction)
            results.append([y.detach(), *(leaf.grad for leaf in leaves)])
        for fast in results[1:]:
            for exact, ours in zip(results[0], fast):
                self.assertLess(relative(ours, exact), 0.02, name)

    def test_linear(self):
        self.compare("linear", (96, 64), (128, 64), (128,), apply=lambda f, x, d: f(x[0].to(d), x[1], x[2]))

    def test_add_linear(self):
        shapes = (96, 128), (96, 64), (128, 64), (128,)
        self.compare("add_linear", *shapes, apply=lambda f, x, d: f(x[0], x[1].to(d), x[2], x[3]))

    def test_embedding(self):
        tokens = torch.randint(0, 300, (4, 32), generator=torch.Generator().manual_seed(1))
        self.compare("embedding", (300, 64), (64, 64), apply=lambda f, x, d: f(tokens, *x))

    def test_layer_norm(self):
        self.compare("layer_norm", (96, 64), (64,), (64,), apply=lambda f, x, d: f(*x, d))

    def test_gelu(self):
        self.compare("gelu", (96, 64), apply=lambda f, x, d: f(x[0].to(d)))

    def test_attention(self):
        length = fused.QUERY_BLOCK + 32  # More than one block, and one that is not full.
        self.compare("attention", (2 * length, 3 * 128), apply=lambda f, x, d: f((4 * x[0]).to(d), length, 2))

    def test_cross_entropy(self):
        rows, vocabulary = 1024 + 96, 700
        targets = torch.randint(-1, 300, (rows,), generator=torch.Generator().manual_seed(1))
        for shortlist in (None, 301):
            self.compare("cross_entropy", (rows, 64), (vocabulary, 64), apply=lambda f, x, d: f(x[0].to(d), x[1], shortlist, targets))

    def test_model(self):
        models = []
        for module, dtype in ((ops, torch.float32), *((fast, torch.bfloat16) for fast in FAST)):
            torch.manual_seed(0)
            models.append(Gpt2(TINY, module, dtype))
        tokens = torch.randint(0, 300, (4, 64), generator=torch.Generator().manual_seed(2))
        for shortlist in (None, 200):
            exact, *others = (model(tokens, shortlist) for model in models)
            exact.backward()
            for ours in others:
                self.assertLess(abs(float(ours) - float(exact)), 0.01)
                ours.backward()
        for model in models[1:]:
            for (name, p), q in zip(models[0].named_parameters(), model.parameters()):
                self.assertLess(relative(q.grad, p.grad), 0.1 if "c_attn.bias" in name else 0.03, name)


class Growth(unittest.TestCase):
    def test_computes_the_same(self):
        torch.manual_seed(0)
        small = Gpt2(TINY, ops, torch.float32)
        ids = torch.arange(TINY.vocabulary)
        config, tensors = grown(TINY, small.hugging_face(ids))
        large = Gpt2(config, ops, torch.float32)
        large.load_hugging_face(tensors, ids)
        self.assertEqual(len(large.h), 2 * TINY.layers)
        tokens = torch.randint(0, 300, (2, 64))
        self.assertAlmostEqual(float(large(tokens)), float(small(tokens)), places=5)


class Optimisation(unittest.TestCase):
    def test_orthogonal(self):
        torch.manual_seed(0)
        for shape in ((16, 64), (3, 32, 96), (96, 32)):
            singular = torch.linalg.svdvals(orthogonal(torch.randn(*shape)).float())
            self.assertTrue(0.5 < float(singular.min()) and float(singular.max()) < 1.4, singular)

    def test_fused_adamw(self):
        models = [Gpt2(TINY, ops, torch.float32) for _ in range(2)]
        models[1].load_state_dict(models[0].state_dict())
        optimizers = [Optimizer(model, adamw) for model, adamw in zip(models, (None, fused.adamw))]
        generator = torch.Generator().manual_seed(4)
        for _ in range(3):
            gradient = torch.randn(models[0].wte.shape, generator=generator)
            for model, optimizer in zip(models, optimizers):
                for parameter in model.parameters():
                    parameter.grad = torch.zeros_like(parameter)
                model.wte.grad = gradient.clone()
                optimizer.step(1e-2)
        self.assertLess(float((models[0].wte - models[1].wte).abs().max()), 1e-6)


class Data(unittest.TestCase):
    def test_order(self):
        order = FrequencyOrder.of([np.array([[5, 5, 2], [5, 2, 7]], dtype="<u2")], 9)
        self.assertEqual(order.tokens[:3].tolist(), [5, 2, 7])
        self.assertEqual(order.batch(np.array([[7, 5]], dtype="<u2")).tolist(), [[2, 0]])

    def test_every_row_once(self):
        rows = np.arange(20).reshape(10, 2)
        batches = Shuffled(rows, 3, seed=1)
        epochs = [np.concatenate([batches[3 * epoch + i] for i in range(3)])[:, 0] for epoch in range(2)]
        for epoch in epochs:
            self.assertEqual(len(set(epoch.tolist())), 9)
        self.assertNotEqual(epochs[0].tolist(), epochs[1].tolist())


class Files(unittest.TestCase):
    def test_gguf(self):
        bundled = Path(__file__).parents[1] / "gpt2-code-mini/gpt2-code-mini.Q8_0.gguf"
        config, tensors = gguf.load_gpt2(bundled)
        model = Gpt2(config, ops, torch.float32)
        model.load_hugging_face(tensors, torch.arange(config.vocabulary))
        text = [50256, 39344, 2163, 751, 7, 64, 25, 1271, 11, 275, 25, 1271, 8, 1391]  # `export function add(a: number, b: number) {`
        self.assertLess(float(model(torch.tensor([text]))), 4)


class Runs(unittest.TestCase):
    def train(self, folder, *more, length=("--tokens", "0.03")):
        # A text in which each token follows from the one before.
        rows = Path(folder) / "rows.u16"
        (np.arange(64 * 64) % 97 + 1000).astype("<u2").tofile(rows)
        command = [sys.executable, Path(__file__).with_name("train.py"), "--phase", f"{rows}:64", "--out", Path(folder) / "run"]
        shape = ["--shape", "1", "2", "32", "--micro-batch", "256", "--tokens-per-step", "512", "--rate", "1e-2"]
        done = subprocess.run([*command, *shape, *length, "--device", "cpu", *more], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_learns_and_goes_on(self):
        with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as parts:
            output = self.train(whole, "--evaluate", f"{whole}/rows.u16:64")
            self.assertLess(float(output.split("held-out loss ")[-1].split()[0]), 3.0, output)
            self.train(parts, "--stop-after", "20")
            self.assertIn("Goes on at step 20.", self.train(parts))
            config, once = hugging_face.load_folder(Path(whole) / "run/model")
            self.assertEqual((config.layers, config.heads, config.width), (1, 2, 32))
            _, twice = hugging_face.load_folder(Path(parts) / "run/model")
            for name, tensor in once.items():
                self.assertTrue(torch.equal(tensor, twice[name]), name)

    def test_ends_by_the_clock(self):
        with tempfile.TemporaryDirectory() as folder:
            output = self.train(folder, "--evaluate", f"{folder}/rows.u16:64", length=("--hours", "0.0005"))
            self.assertLess(float(output.split("held-out loss ")[-1].split()[0]), 10, output)

    def test_starts_from_a_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            self.train(folder)
            first = Path(folder) / "run/model"
            _, before = hugging_face.load_folder(first)
            kept = Path(folder) / "kept"
            first.rename(kept)
            self.train(folder, "--init", str(kept), "--out", f"{folder}/again", "--rate", "0")
            _, after = hugging_face.load_folder(Path(folder) / "again/model")
            for name, tensor in before.items():
                self.assertTrue(torch.equal(tensor, after[name]), name)


if __name__ == "__main__":
    unittest.main()

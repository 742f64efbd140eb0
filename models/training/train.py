#!/usr/bin/env python3
"""Trains a GPT-2 on rows of tokens that prepare.ts has written. README.md has the recipe of the bundled model.

Runs on a GPU (bfloat16, fused attention, compiled) or on a CPU (amx.py, fused.py). Saves after every --save-every steps, when it is told
to end (SIGTERM) and at the end, in --out: the training snapshot snapshot.pt, from which the same command goes on, and the folder model/ in
Hugging Face's form.
"""

import argparse
import fcntl
import importlib
import os
import signal
import subprocess
import time
from pathlib import Path

import torch

import gguf
import hugging_face
from gpt2 import Config, Gpt2, grown
from optimizer import Optimizer
from rows import FrequencyOrder, Shuffled, read_rows

EVALUATION_ROWS = 32


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--phase", action="append", required=True, metavar="FILE:LENGTH[:SHARE]",
        help="rows of LENGTH tokens, for so large a share of the training; the last phase has what is left")  # fmt: skip
    add("--evaluate", metavar="FILE:LENGTH", help="held-out rows")
    add("--out", type=Path, required=True)
    add("--init", type=Path, help="folder or GGUF file of a model to start from, with its shape; else random weights")
    add("--grow", action="store_true", help="put a new block behind each one of --init, which does nothing at first")
    add("--shape", type=int, nargs=3, default=(6, 4, 256), metavar=("LAYERS", "HEADS", "WIDTH"))
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--tokens", type=float, help="how many to train on, in millions")
    length.add_argument("--hours", type=float, help="how long to train; for a machine with other work, whose speed varies")
    add("--tokens-per-step", type=int, default=16384)
    add("--micro-batch", type=int, default=8192, help="tokens that are in memory together")
    add("--rate", type=float, default=1e-3, help="learning rate, constant between --warmup and --decay")
    add("--warmup", type=float, default=0.02, help="share of the training in which the rate rises")
    add("--decay", type=float, default=0.5, help="share of the training, at its end, in which the rate falls to 0")
    add("--weight-decay", type=float, default=0.1, help="of matrices and the token embedding")
    add("--shortlist", type=int, default=16384, help="softmax over so many of the most frequent tokens; 0: over all")
    add("--full-every", type=int, default=8, help="one step in so many has the softmax over all tokens in any case")
    add("--full-share", type=float, default=0.04, help="so has this share of the training, at its end")
    add("--save-every", type=int, default=200, help="steps")
    add("--stop-after", type=int, help="steps, for tests")
    add("--seed", type=int, default=1)
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def choose_ops(device, config, lengths):
    """The module with the operations for the device, and the dtype of its matrix products."""
    if device != "cpu":
        return importlib.import_module("ops"), torch.bfloat16
    for name in ("amx", "fused"):
        try:
            module = importlib.import_module(name)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{name}.py cannot be used: {error}")
            continue
        if name == "fused" or module.suits(config, lengths):
            return module, torch.bfloat16
    print("Training with PyTorch's own functions, which takes far longer.")
    return importlib.import_module("ops"), torch.float32


def load(path):
    """The config and the tensors of a model in a folder or a GGUF file."""
    return gguf.load_gpt2(path) if path.suffix == ".gguf" else hugging_face.load_folder(path)


class Phase:
    def __init__(self, text, micro_batch, seed):
        file, length, *share = text.split(":")
        self.length = int(length)
        self.rows = read_rows(file, self.length)
        self.share = float(share[0]) if share else 1.0
        self.batches = Shuffled(self.rows, max(1, micro_batch // self.length), seed)


class Training:
    def __init__(self, arguments):
        self.arguments = arguments
        self.phases = [Phase(text, arguments.micro_batch, arguments.seed) for text in arguments.phase]
        self.micro_batches = max(1, arguments.tokens_per_step // arguments.micro_batch)
        self.tokens_per_step = self.micro_batches * arguments.micro_batch
        self.step, self.seconds, self.told_time = 0, 0.0, None
        self.phase_steps = [0] * len(self.phases)
        torch.manual_seed(arguments.seed)
        if arguments.init:
            config, initial = load(arguments.init)
            if arguments.grow:
                config, initial = grown(config, initial)
        else:
            layers, heads, width = arguments.shape
            config, initial = Config(layers=layers, heads=heads, width=width), None
        self.config = config
        ops, dtype = choose_ops(arguments.device, config, [phase.length for phase in self.phases])
        self.order = FrequencyOrder.of([phase.rows for phase in self.phases], config.vocabulary)
        self.model = Gpt2(config, ops, dtype)
        if initial:
            self.model.load_hugging_face(initial, self.order.tokens)
        self.model.to(arguments.device)
        self.optimizer = Optimizer(self.model, getattr(ops, "adamw", None), arguments.weight_decay)
        self.run = torch.compile(self.model) if arguments.device != "cpu" and hasattr(torch, "compile") else self.model
        self.evaluation = None
        if arguments.evaluate:
            file, length = arguments.evaluate.split(":")
            self.evaluation = read_rows(file, int(length))[:EVALUATION_ROWS]
        self.resume()

    # The schedule. With --tokens everything depends on the step alone, so that a training that goes on is the one that never stopped.

    @property
    def progress(self):
        """From 0 to 1."""
        if self.arguments.hours:
            return self.seconds / 3600 / self.arguments.hours
        return self.step / max(1, round(self.arguments.tokens * 1e6 / self.tokens_per_step))

    def rate(self):
        progress = self.progress
        rising, falling = (progress + 1e-3) / max(1e-3, self.arguments.warmup), (1 - progress) / self.arguments.decay
        return self.arguments.rate * min(1, rising, falling)

    def phase(self):
        """The number of the phase that trains now."""
        ends = 0.0
        for number, phase in enumerate(self.phases[:-1]):
            ends += phase.share
            if self.progress < ends:
                return number
        return len(self.phases) - 1

    def shortlist(self):
        """How many tokens are in the softmax. Without full steps in between, those outside drift to where every text seems to want them."""
        is_full = self.step % self.arguments.full_every == 0 or self.progress >= 1 - self.arguments.full_share
        return None if is_full or not self.arguments.shortlist else self.arguments.shortlist

    def train_step(self):
        number, shortlist = self.phase(), self.shortlist()
        first = self.phase_steps[number] * self.micro_batches
        losses = []
        for part in range(self.micro_batches):
            loss = self.run(self.to_device(self.phases[number].batches[first + part]), shortlist)
            loss.backward()
            losses.append(loss.detach())
        norm = self.optimizer.step(self.rate(), self.micro_batches)
        self.step += 1
        self.phase_steps[number] += 1
        return losses, norm

    def to_device(self, rows):
        """Rows of ids as a batch on the device; the GPU fetches it when it gets there, so that nothing waits for that."""
        batch = self.order.batch(rows)
        return batch if self.arguments.device == "cpu" else batch.pin_memory().to(self.arguments.device, non_blocking=True)

    def tell_time(self):
        """Counts the time since it was called last. What came before the first call, such as compiling, does not count."""
        now = time.time()
        self.seconds += now - (self.told_time or now)
        self.told_time = now

    @torch.no_grad()
    def evaluate(self):
        """Nats per token on the held-out rows, over all tokens."""
        if self.evaluation is None:
            return None
        rows = max(1, min(8192, self.arguments.micro_batch) // self.evaluation.shape[1])
        batches = [self.evaluation[start : start + rows] for start in range(0, len(self.evaluation), rows)]
        losses = [self.model(self.to_device(b)) for b in batches]
        return sum(float(loss) * len(b) for loss, b in zip(losses, batches)) / len(self.evaluation)

    # Files

    def save(self):
        path = self.arguments.out / "snapshot.pt"
        saved = {
            "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "step": self.step,
            "phase_steps": self.phase_steps, "seconds": self.seconds,
        }  # fmt: skip
        torch.save(saved, path.with_suffix(".new"))
        os.replace(path.with_suffix(".new"), path)
        hugging_face.save_folder(self.arguments.out / "model", self.config, self.model.hugging_face(self.order.ranks))

    def resume(self):
        path = self.arguments.out / "snapshot.pt"
        if not path.exists():
            return
        saved = torch.load(path, map_location=self.arguments.device)
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.step, self.seconds, self.phase_steps = saved["step"], saved["seconds"], saved["phase_steps"]
        print(f"Goes on at step {self.step}.")


def claim(folder):
    """Sees to it that no two trainings write to a folder. @returns what holds the claim"""
    folder.mkdir(parents=True, exist_ok=True)
    lock = open(folder / "lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit(f"Another training is writing to {folder}; end it, or choose another --out.") from None
    return lock


def main():
    arguments = parse_arguments()
    claimed = claim(arguments.out)
    training = Training(arguments)
    told_to_end = []
    signal.signal(signal.SIGTERM, lambda *_: told_to_end.append(True))
    parameters = sum(p.numel() for p in training.model.parameters())
    print(f"{parameters:,} parameters, steps of {training.tokens_per_step} tokens, {training.model.ops.__name__}.py", flush=True)
    told, started = training.step, time.time()
    while training.progress < 1:
        rate = training.rate()
        losses, norm = training.train_step()
        if training.step % 10 == 1:
            loss = float(sum(losses)) / len(losses)  # Waits for a GPU.
            speed = (training.step - told) * training.tokens_per_step / (time.time() - started)
            told, started = training.step, time.time()
            print(f"{training.step} loss {loss:.3f} norm {float(norm):.2f} rate {rate:.2e} {speed:.0f} tokens/s", flush=True)
        training.tell_time()
        stopping = bool(told_to_end) or training.step == arguments.stop_after
        if training.step % arguments.save_every == 0 or training.progress >= 1 or stopping:
            print(f"{training.step} held-out loss {training.evaluate()}", flush=True)
            training.save()
        if stopping:
            break
    claimed.close()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Trains a GPT-2 on rows of tokens that prepare.ts has written. README.md has the recipe of the bundled model.

Runs on a GPU (bfloat16, fused attention, compiled) or on a CPU (fused.py). Saves after every --save-every steps, when it is told to end
(SIGTERM) and at the end, in --out: checkpoint.pt, from which the same command goes on, and the folder model/ in Hugging Face's form.
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

import hugging_face
from gpt2 import Config, Gpt2
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
    add("--init", type=Path, help="folder of a model to start from, with its shape; else random weights")
    add("--shape", type=int, nargs=3, default=(6, 4, 256), metavar=("LAYERS", "HEADS", "WIDTH"))
    add("--tokens", type=float, required=True, help="how many to train on, in millions")
    add("--tokens-per-step", type=int, default=16384)
    add("--micro-batch", type=int, default=8192, help="tokens that are in memory together")
    add("--rate", type=float, default=1e-3, help="learning rate, constant between --warmup and --decay")
    add("--warmup", type=float, default=0.02, help="share of the training in which the rate rises")
    add("--decay", type=float, default=0.5, help="share of the training, at its end, in which the rate falls to 0")
    add("--shortlist", type=int, default=16384, help="softmax over so many of the most frequent tokens; 0: over all")
    add("--full-every", type=int, default=8, help="one step in so many has the softmax over all tokens in any case")
    add("--full-share", type=float, default=0.04, help="so has this share of the training, at its end")
    add("--save-every", type=int, default=200, help="steps")
    add("--stop-after", type=int, help="steps, for tests")
    add("--seed", type=int, default=1)
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def choose_ops(device):
    """The module with the operations for the device, and the dtype of its matrix products."""
    if device != "cpu":
        return importlib.import_module("ops"), torch.bfloat16
    try:
        return importlib.import_module("fused"), torch.bfloat16
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"kernels.c was not compiled ({error}); training with PyTorch's own functions, which takes far longer.")
        return importlib.import_module("ops"), torch.float32


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
        self.steps = max(1, round(arguments.tokens * 1e6 / (self.micro_batches * arguments.micro_batch)))
        self.step = 0
        torch.manual_seed(arguments.seed)
        ops, dtype = choose_ops(arguments.device)
        if arguments.init:
            config, initial = hugging_face.load_folder(arguments.init)
        else:
            layers, heads, width = arguments.shape
            config, initial = Config(layers=layers, heads=heads, width=width), None
        self.config = config
        self.order = FrequencyOrder.of([phase.rows for phase in self.phases], config.vocabulary)
        self.model = Gpt2(config, ops, dtype)
        if initial:
            self.model.load_hugging_face(initial, self.order.tokens)
        self.model.to(arguments.device)
        self.optimizer = Optimizer(self.model, getattr(ops, "adamw", None))
        self.run = torch.compile(self.model) if arguments.device != "cpu" and hasattr(torch, "compile") else self.model
        self.evaluation = None
        if arguments.evaluate:
            file, length = arguments.evaluate.split(":")
            self.evaluation = read_rows(file, int(length))[:EVALUATION_ROWS]
        self.resume()

    # The schedule: everything depends on the step alone, so that a training that goes on is the one that never stopped.

    def rate(self, step):
        progress = step / self.steps
        rising, falling = (step + 1) / max(1, self.arguments.warmup * self.steps), (1 - progress) / self.arguments.decay
        return self.arguments.rate * min(1, rising, falling)

    def phase(self, step):
        """The phase of a step, and how many steps it has run before."""
        begun = 0
        for phase in self.phases[:-1]:
            ends = begun + round(phase.share * self.steps)
            if step < ends:
                return phase, step - begun
            begun = ends
        return self.phases[-1], step - begun

    def shortlist(self, step):
        """How many tokens are in the softmax. Without full steps in between, those outside drift to where every text seems to want them."""
        is_full = step % self.arguments.full_every == 0 or step >= (1 - self.arguments.full_share) * self.steps
        return None if is_full or not self.arguments.shortlist else self.arguments.shortlist

    def train_step(self):
        phase, before = self.phase(self.step)
        total = 0.0
        for part in range(self.micro_batches):
            tokens = self.order.batch(phase.batches[before * self.micro_batches + part]).to(self.arguments.device)
            loss = self.run(tokens, self.shortlist(self.step))
            (loss / self.micro_batches).backward()
            total += float(loss) / self.micro_batches
        norm = self.optimizer.step(self.rate(self.step))
        self.step += 1
        return total, norm

    @torch.no_grad()
    def evaluate(self):
        """Nats per token on the held-out rows, over all tokens."""
        if self.evaluation is None:
            return None
        rows = max(1, self.arguments.micro_batch // self.evaluation.shape[1])
        batches = [self.evaluation[start : start + rows] for start in range(0, len(self.evaluation), rows)]
        losses = [self.model(self.order.batch(b).to(self.arguments.device)) for b in batches]
        return sum(float(loss) * len(b) for loss, b in zip(losses, batches)) / len(self.evaluation)

    # Files

    def save(self):
        path = self.arguments.out / "checkpoint.pt"
        saved = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "step": self.step}
        torch.save(saved, path.with_suffix(".new"))
        os.replace(path.with_suffix(".new"), path)
        hugging_face.save_folder(self.arguments.out / "model", self.config, self.model.hugging_face(self.order.ranks))

    def resume(self):
        path = self.arguments.out / "checkpoint.pt"
        if not path.exists():
            return
        saved = torch.load(path, map_location=self.arguments.device)
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.step = saved["step"]
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
    print(f"{parameters:,} parameters, {training.steps} steps of {training.micro_batches * arguments.micro_batch} tokens", flush=True)
    while training.step < training.steps:
        started = time.time()
        step = training.step
        loss, norm = training.train_step()
        if step % 10 == 0:
            speed = training.micro_batches * arguments.micro_batch / (time.time() - started)
            print(f"{step} loss {loss:.3f} norm {norm:.2f} rate {training.rate(step):.2e} {speed:.0f} tokens/s", flush=True)
        stopping = bool(told_to_end) or training.step == arguments.stop_after
        if training.step % arguments.save_every == 0 or training.step == training.steps or stopping:
            print(f"{training.step} held-out loss {training.evaluate()}", flush=True)
            training.save()
        if stopping:
            break
    claimed.close()


if __name__ == "__main__":
    main()

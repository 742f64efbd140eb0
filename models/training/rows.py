"""The rows of token ids that prepare.ts writes."""

import numpy as np
import torch


def read_rows(path, length):
    ids = np.memmap(path, dtype="<u2", mode="r")
    if len(ids) == 0 or len(ids) % length:
        raise SystemExit(f"{path} does not hold rows of {length} tokens.")
    return ids.reshape(-1, length)


class FrequencyOrder:
    """Numbers the tokens from the most frequent on, so that a softmax over frequent tokens is one over the first rows of the embedding."""

    def __init__(self, tokens):
        self.tokens = torch.as_tensor(tokens)
        self.ranks = torch.empty_like(self.tokens)
        self.ranks[self.tokens] = torch.arange(len(self.tokens))

    @classmethod
    def of(cls, files, vocabulary):
        counts = sum(np.bincount(rows.reshape(-1), minlength=vocabulary) for rows in files)
        return cls(np.argsort(-counts, kind="stable"))

    def batch(self, rows):
        """Rows of ids as ranks, `[B, T]`."""
        return self.ranks[torch.from_numpy(rows.astype(np.int64))]


class Shuffled:
    """Batches of a file's rows, each row once in an order drawn with a seed, then all in another order. Any batch can be asked for."""

    def __init__(self, rows, batch, seed):
        self.rows, self.batch, self.seed = rows, batch, seed
        self.epoch, self.order = -1, None

    def __getitem__(self, index):
        per_epoch = max(1, len(self.rows) // self.batch)
        epoch, place = divmod(index, per_epoch)
        if epoch != self.epoch:
            self.epoch, self.order = epoch, np.random.default_rng([self.seed, epoch]).permutation(len(self.rows))
        return self.rows[np.sort(self.order[place * self.batch : (place + 1) * self.batch])]

#!/bin/sh
# Runs the whole pipeline at a tiny scale, in about a minute: data, the trainer's tests, a training, GGUF, fixtures, and the extension's
# engine on what comes out. Needs Debian's python3-torch, python3-numpy and a C compiler.
set -eu
cd "$(dirname "$0")/../.."
python=${PYTHON:-/usr/bin/python3}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

npm run --silent prepare-data -- test/fixtures/training/corpus.jsonl "$out/rows.u16" --length 256 --seed 3
"$python" models/training/test_training.py
"$python" models/training/train.py --phase "$out/rows.u16:256" --evaluate "$out/rows.u16:256" --shape 2 2 64 --tokens 0.3 \
  --micro-batch 2048 --tokens-per-step 4096 --rate 5e-3 --shortlist 4096 --out "$out/run"
npm run --silent convert -- "$out/run/model" "$out/smoke/smoke.Q8_0.gguf" --name smoke
"$python" models/training/export_checkpoints.py "$out/smoke/smoke.Q8_0.gguf"
npm run --silent gpt2 -- checkpoints --model "$out/smoke/smoke.Q8_0.gguf" --precision f32
npm run --silent gpt2 -- complete test/fixtures/sample-workspace/src/cart.ts:10:5 --model "$out/smoke/smoke.Q8_0.gguf"
echo "The pipeline works."

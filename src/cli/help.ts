export const help = `GPT-2 at the command line: the engine of the VS Code extension without the editor.

Usage: npm run --silent gpt2 -- COMMAND [OPTIONS]

  complete FILE:LINE:COL   what the editor would suggest there (LINE and COL count from 1)
  generate                 continues a prompt
  inspect PATH             config, tensors and quantisation of a model file or folder
  checkpoints              compares the engine with a float64 reference at twelve places

Options of complete, generate and checkpoints:
  --model PATH             a GGUF, safetensors, PyTorch or ONNX file, or a folder with config.json (default: the bundled model)
  --precision int8|f32     how the matrices are held in memory (default: int8)
  --threads N              threads that compute (default: 0, chosen from the machine)

Options of complete and generate:
  --draft-model PATH       a much smaller model with the same vocabulary that guesses ahead; the text is the same
  --temperature T          0 takes the likeliest token (default: 0 for complete, 0.8 for generate)
  --top-k N                draw from the N likeliest tokens (default: 0, all)
  --top-p P                draw from the likeliest tokens that reach probability P (default: 1, all)
  --seed N                 the same seed gives the same text (default: 0)
  --timing                 say on stderr where the time went

Options of complete:
  --max-tokens N           the longest suggestion (default: 64)
  --language ID            the editor's language identifier (default: by the file's ending)

Options of generate:
  --prompt TEXT            the text to continue; an empty one begins a new document
  --tokens ID,ID,…         token ids to continue, instead of a text
  --count N                new tokens at most (default: 100)
  --batch-size N           how many texts, with the seeds SEED, SEED + 1, … (default: 1)

Options of checkpoints:
  --prompt TEXT            the text that both sides read (default: Hello.)
  --tokens ID,ID,…         token ids to read, instead of a text
  --backend wasm           what the engine runs on

Options of all:
  --json                   print one JSON object on stdout and nothing else (npm's --silent drops its own lines)
  --help, --version

Exit codes: 0 done, 1 bad input (a file, a model, a position) or a checkpoint failed, 2 wrong usage, 130 interrupted.
`;

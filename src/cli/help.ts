export const help = `GPT-2 on the command line: the engine of the VS Code extension, without the editor.

Usage: npm run --silent gpt2 -- COMMAND [OPTIONS]

  complete FILE:LINE:COL   print what the editor would suggest there (LINE and COL count from 1)
  generate                 continue a prompt
  inspect PATH             show config, tensors and quantization of a model file or folder
  checkpoints              compare the engine with a float64 reference at twelve points

Options of complete, generate and checkpoints:
  --model PATH             a .gguf or .safetensors file, or a folder with config.json (default: the bundled model)
  --backend NAME           kernels, onnxruntime or auto (default: auto, the first that supports the model)
  --precision int8|f32     precision of the weight matrices in memory (default: int8)
  --threads N              compute threads (default: 0, chosen from the machine)

Options of complete and generate:
  --draft-model PATH       a much smaller model with the same vocabulary, for speculative decoding; the text is the same
  --temperature T          0 is greedy (default: 0 for complete, 0.8 for generate)
  --top-k N                sample from the N likeliest tokens (default: 0, all)
  --top-p P                sample from the likeliest tokens that together reach probability P (default: 1, all)
  --seed N                 the same seed gives the same text (default: 0)
  --timing                 print timings on stderr

Options of complete:
  --max-tokens N           length limit of the suggestion (default: 64)
  --language ID            VS Code's language identifier (default: by the file's extension)

Options of generate:
  --prompt TEXT            the text to continue; an empty one starts a new document
  --tokens ID,ID,…         token ids to continue, in place of a text
  --count N                length limit in tokens (default: 100)
  --batch-size N           number of texts, with the seeds SEED, SEED + 1, … (default: 1)

Options of checkpoints:
  --prompt TEXT            the prompt that both sides run (default: Hello.)
  --tokens ID,ID,…         token ids, in place of a text

Options of all commands:
  --json                   print one JSON object on stdout and nothing else (npm needs --silent for that)
  --help, --version

Exit codes: 0 success, 1 bad input (file, model, position) or a failed checkpoint, 2 usage error, 130 interrupted.
`;

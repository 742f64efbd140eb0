import type { CommandName } from "./arguments";

interface Section {
  readonly title: string;
  /** The commands that have these options. */
  readonly commands: readonly CommandName[];
  readonly lines: string;
}

const usage = `GPT-2 on the command line: the engine of the VS Code extension, without the editor.

Usage: npm run --silent gpt2 -- COMMAND [OPTIONS]

  complete FILE:LINE:COL   print what the editor would suggest there (LINE and COL count from 1)
  generate                 continue a prompt
  inspect PATH             show config, tensors and quantization of a model file or folder
  checkpoints              compare the engine with a float64 reference at twelve points
`;

const sections: readonly Section[] = [
  {
    title: "Options of the model",
    commands: ["complete", "generate", "checkpoints"],
    lines: `
  --model PATH             a GGUF, safetensors, PyTorch or ONNX file, or its folder (default: the bundled model)
  --backend NAME           kernels, onnxruntime or auto (default: auto, the first that supports the model)
  --precision int8|f32     precision of the weight matrices in memory (default: int8)
  --threads N              compute threads (default: 0, chosen from the machine)`,
  },
  {
    title: "Options of the model, only for generate",
    commands: ["generate"],
    lines: `
  --half                   round the weights to half precision; so does HALF=1 in the environment (precision: f32)
  --max-context N          positions of the context to use; so does MAX_CONTEXT=N in the environment`,
  },
  {
    title: "Options of sampling",
    commands: ["complete", "generate"],
    lines: `
  --draft-model PATH       a much smaller model with the same vocabulary, for speculative decoding; the text is the same
  --temperature T          0 is greedy (default: 0 for complete, 0.8 for generate)
  --top-k N                sample from the N likeliest tokens (default: 0, all)
  --top-p P                sample from the likeliest tokens that together reach probability P (default: 1, all)
  --seed N                 the same seed gives the same text (default: 0)
  --timing                 print timings on stderr`,
  },
  {
    title: "Options of sampling, only for generate, in the order in which they are applied",
    commands: ["generate"],
    lines: `
  --dry M                  DRY: penalty M for continuing a repetition (default: 0, off); more with its length:
    --dry-base B           … by the factor B with each token (default: 1.75)
    --dry-allowed-length N … from N repeated tokens on (default: 2)
    --dry-breaker TEXT     … but across no token with this text; may be repeated (default: newline : " *)
  --frequency-penalty F    subtract F from the logit of a generated token for each time that it occurs
  --presence-penalty F     subtract F from the logit of each generated token (a negative F is written as --option=-1)
  --repetition-penalty F   divide positive and multiply negative logits of tokens in prompt and text by F
  --logit-bias ID=BIAS     add BIAS to the logit of a token; may be repeated
  --allow-tokens ID,ID,…   the only tokens that may be chosen
  --forbid-tokens ID,ID,…  tokens that are never chosen
  (temperature, top-k and top-p)
  --min-p P                sample from tokens that are more than P times as probable as the likeliest (default: 0, all)
  --typical-p P            sample from the tokens nearest to the expected surprise that reach P (default: 1, all)
  --mirostat TAU[,ETA]     keep the surprise near TAU bits (Mirostat 2.0), with learning rate ETA (default: 0.1)
  --rng NAME               mulberry32 or tinygrad: the source of random numbers (default: mulberry32)`,
  },
  {
    title: "Options of complete",
    commands: ["complete"],
    lines: `
  --max-tokens N           length limit of the suggestion (default: 64)
  --language ID            VS Code's language identifier (default: by the file's extension)
  --workspace DIR          let lines of the files in a folder compete with the model's own, as in the editor; ignored
                           files and files that may hold secrets are not read
  --eagerness NAME         shy, balanced or eager: print nothing when no line is sure enough (default: print the likeliest)
  --explain                print all lines that were considered, with their probabilities, on stderr (with --json: in the JSON)`,
  },
  {
    title: "What generate writes",
    commands: ["generate"],
    lines: `
  --prompt TEXT            the text to continue; an empty one starts a new document; may be repeated
  --tokens ID,ID,…         token ids to continue, in place of a text; may be repeated
  --empty-prompt NAME      end-of-text, or tinygrad: the first token is chosen as if all were equally likely
  --count N                length limit in tokens (default: 100)
  --batch-size N           number of texts for each prompt, with the seeds SEED, SEED + 1, … (default: 1)
  --beams N                beam search with N beams in place of sampling; prints the best --batch-size texts
  --length-penalty A       … of which log probability / length^A is the largest (default: 1)
  --regex PATTERN          only text that the regular expression matches as a whole (JavaScript's syntax, flag u)
  --json-schema FILE       only JSON that is valid by the schema in a file, or by a schema as a text
  --logprobs N             with --json: each token's log probability, with the N likeliest tokens`,
  },
  {
    title: "When generate stops, besides --count",
    commands: ["generate"],
    lines: `
  --stop TEXT              before this text; may be repeated
  --stop-tokens ID,ID,…    at one of these tokens
  --ignore-end-of-text     not at the model's end of text, which is written out
  --max-time SECONDS       when so much time has passed
  --context-end move|stop  at the end of the context move the window on, or stop (default: move)`,
  },
  {
    title: "What generate does with it",
    commands: ["generate"],
    lines: `
  --no-show                do not print the texts
  --benchmark N            in place of a prompt: measure the speed with prompts of N random tokens
  --perplexity FILE        in place of a prompt: print the loss of a text file`,
  },
  {
    title: "Options of checkpoints",
    commands: ["checkpoints"],
    lines: `
  --prompt TEXT            the prompt that both sides run (default: Hello.)
  --tokens ID,ID,…         token ids, in place of a text`,
  },
  {
    title: "Options of all commands",
    commands: ["complete", "generate", "inspect", "checkpoints"],
    lines: `
  --json                   print one JSON object on stdout and nothing else (npm needs --silent for that)
  --help, --version`,
  },
];

const exitCodes =
  "Exit codes: 0 success, 1 bad input (file, model, position) or a failed checkpoint, 2 usage error, 130 interrupted.\n";

/** The help text, of one command or of all. */
export function help(command?: CommandName): string {
  const shown = sections.filter(({ commands }) => command === undefined || commands.includes(command));
  return [usage, ...shown.map(({ title, lines }) => `${title}:${lines}\n`), exitCodes].join("\n");
}

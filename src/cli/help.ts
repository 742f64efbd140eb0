import type { CommandName } from "./arguments";

interface Section {
  readonly title: string;
  /** The commands that have these options. */
  readonly commands: readonly CommandName[];
  readonly lines: string;
}

const usage = `GPT-2 on the command line: the engine of the VS Code extension, without the editor.

Usage: npm run --silent gpt2 -- COMMAND [OPTIONS]
`;

/** How each command is written, and what it does. */
const commandLines: Readonly<Record<CommandName, string>> = {
  complete: `
  complete FILE:LINE:COL   print what the editor would suggest there (LINE and COL count from 1)`,
  generate: `
  generate                 continue a prompt`,
  inspect: `
  inspect PATH             show config, tensors and quantization of a model file or folder`,
  models: `
  models list              show the downloaded models, and those that can be downloaded
  models download ID       download a model of a Hugging Face hub: OWNER/NAME, or OWNER/NAME/FILE for one of several
  models delete ID         delete a downloaded model`,
  checkpoints: `
  checkpoints              compare the engine with a float64 reference at twelve points`,
};

const sections: readonly Section[] = [
  {
    title: "Options of the model",
    commands: ["complete", "generate", "checkpoints"],
    lines: `
  --model PATH             a GGUF, safetensors, PyTorch or ONNX file, or its folder (default: the bundled model)
  --adapter PATH           a LoRA adapter that is merged into the model: PEFT's folder, or a GGUF file of llama.cpp
  --backend NAME           kernels, onnxruntime, webgpu or auto (default: auto, the first that supports the model); webgpu needs the npm
                           package webgpu, which npm install brings, and a graphics driver
  --device-map MAP         how the layers are split over several heaps: the layers of each part, with or without a backend, such as 18,18
                           or kernels:20,onnxruntime:16 (default: auto, only a model that is larger than one heap is split)
  --precision P            precision of the weight matrices in memory: int8, f32, and on webgpu f16 and int4 (default: int8)
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
    title: "A server in place of the model",
    commands: ["complete", "generate"],
    lines: `
  --server URL             complete on a server; its key is taken from GPT2_SERVER_KEY in the environment
  --server-kind NAME       openai, llama.cpp, ollama or auto (default: auto, what the server answers)
  --server-model NAME      the model's name on the server (default: the first that it has)
  --server-template NAME   auto, none, infill, a family such as qwen, or a text with {prefix} and {suffix} (default: auto)
  --server-timeout MS      time until the answer begins, and between two parts of it (default: 30000)`,
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
  --batch-size N           number of texts for each prompt, with the seeds SEED, SEED + 1, … (default: 1, at most 1000 texts in a run)
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
  --context-end NAME       at the end of the context: move the window on by a quarter (default), rotate (the same, but the
                           first four tokens stay as attention sinks), or stop`,
  },
  {
    title: "What generate does with it",
    commands: ["generate"],
    lines: `
  --no-show                do not print the texts
  --benchmark N            in place of a prompt: measure the speed with prompts of N random tokens
  --perplexity FILE        in place of a prompt: print the loss of a text file, in windows that do not overlap, or
                           with --context-end as in a long text`,
  },
  {
    title: "Options of checkpoints",
    commands: ["checkpoints"],
    lines: `
  --prompt TEXT            the prompt that both sides run (default: Hello.)
  --tokens ID,ID,…         token ids, in place of a text
  --against NAME           compare with another backend in place of the reference: the first tensor that differs, and
                           the positions with another likeliest token`,
  },
  {
    title: "Options of models",
    commands: ["models"],
    lines: `
  --accept-license         download: accept the license that is shown without it
  --endpoint URL           a mirror of the hub (default: HF_ENDPOINT in the environment, or https://huggingface.co)
  --folder DIR             where the models are (default: gpt2-vscode/models in the folder of caches)
  HF_TOKEN in the environment is sent to the hub and to no other host; NODE_USE_ENV_PROXY=1 makes Node use HTTPS_PROXY`,
  },
  {
    title: "Options of all commands",
    commands: ["complete", "generate", "inspect", "checkpoints", "models"],
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
  const lines = command === undefined ? Object.values(commandLines).join("") : commandLines[command];
  return [`${usage}${lines}\n`, ...shown.map(({ title, lines }) => `${title}:${lines}\n`), exitCodes].join("\n");
}

import { parseArgs } from "node:util";
import type { Precision } from "../../src/gpt2/languageModel";
import { heldOutPath } from "./files";
import { workspaceModes, type WorkspaceMode } from "./workspace";

export interface EvaluationOptions {
  /** Files or folders. */
  readonly models: readonly string[];
  /** A model to evaluate in all the ways that it can be stored and run, instead of the models. */
  readonly quantization: string | undefined;
  readonly precision: Precision;
  /** 0: chosen from the machine. */
  readonly threads: number;
  readonly files: string;
  readonly places: number;
  /** Lines to type. */
  readonly lines: number;
  /** Characters of running text. */
  readonly characters: number;
  readonly seed: number;
  readonly workspace: WorkspaceMode;
  /** So many commits of the git repository in `files` are replayed; undefined for places anywhere in the files. */
  readonly history: number | undefined;
  /** Instead of the usual figures: each mechanism that chooses a line is left out in turn. */
  readonly ablation: boolean;
  /** Files to train an n-gram model on, which is then compared. */
  readonly baselineTrain: string | undefined;
  /** Tokens of those files to use, about. */
  readonly baselineTokens: number;
  readonly json: string | undefined;
  /** Where the answers of the models are kept. */
  readonly answers: string | undefined;
  /** Whether places are also completed as at the end of the document. */
  readonly withoutSuffix: boolean;
}

export const usage = `Usage: npm run eval -- [OPTIONS]

  --model PATH              a model file or folder; once for each that is compared (default: the bundled model)
  --quantization PATH       instead: one model as f32 and int8, and from Q8_0 and Q4_0 files
  --baseline-train PATH.jsonl
                            compare an n-gram model too, trained on these files (in the form of --files)
  --baseline-tokens N       tokens to train it on, about, in files drawn by chance (default: 10000000)
  --files PATH              files that they were not trained on: {repo, path, lang, text} a line, or a repository's folder
                            (default: ${heldOutPath})
  --places N                places to complete at (default: 100)
  --lines N                 lines to type with ghost text (default: 20)
  --characters N            characters of running text for bits per character, about (default: 40000)
  --seed N                  draws other places and texts (default: 1)
  --workspace MODE          where lines are looked up: none, repository (the place's, without its file), or distant
                            (that without near-copies of the file) (default: repository)
  --history N               instead of places anywhere: in the lines that the last N commits of the git repository in --files (default: .)
                            added, with the state before each commit as the workspace
  --ablation                instead: what each mechanism that chooses a line is worth, by leaving it out at the same places
  --precision int8|f32      how the matrices are held in memory (default: int8)
  --threads N               threads that compute (default: 0, chosen from the machine)
  --suffix both|with        whether places are also completed without the text after the cursor (default: both)
  --answers FILE            keep what the models say, and take from there what they said in an earlier run, so that one that was cut goes
                            on where it was; no times are measured
  --json FILE               write figures and what was completed where`;

/** @throws TypeError or RangeError saying which part of the command line is wrong */
export function parseOptions(argv: readonly string[]): EvaluationOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      model: { type: "string", multiple: true, default: ["models/gpt2-code-mini/gpt2-code-mini.Q8_0.gguf"] },
      quantization: { type: "string" },
      "baseline-train": { type: "string" },
      "baseline-tokens": { type: "string", default: "10000000" },
      files: { type: "string" },
      history: { type: "string" },
      ablation: { type: "boolean", default: false },
      places: { type: "string", default: "100" },
      lines: { type: "string", default: "20" },
      characters: { type: "string", default: "40000" },
      seed: { type: "string", default: "1" },
      workspace: { type: "string", default: "repository" },
      precision: { type: "string", default: "int8" },
      threads: { type: "string", default: "0" },
      suffix: { type: "string", default: "both" },
      answers: { type: "string" },
      json: { type: "string" },
    },
  });
  const { precision } = values;
  if (precision !== "int8" && precision !== "f32") throw new RangeError("--precision is int8 or f32.");
  const { suffix } = values;
  if (suffix !== "both" && suffix !== "with") throw new RangeError("--suffix is both or with.");
  const workspace = workspaceModes.find((mode) => mode === values.workspace);
  if (!workspace) throw new RangeError(`--workspace is ${workspaceModes.join(", ")}, not “${values.workspace}”.`);
  return {
    workspace,
    models: values.model,
    quantization: values.quantization,
    baselineTrain: values["baseline-train"],
    baselineTokens: wholeNumber("baseline-tokens", values["baseline-tokens"]),
    precision,
    files: values.files ?? (values.history === undefined ? heldOutPath : "."),
    history: values.history === undefined ? undefined : wholeNumber("history", values.history),
    ablation: values.ablation,
    threads: wholeNumber("threads", values.threads),
    places: wholeNumber("places", values.places),
    lines: wholeNumber("lines", values.lines),
    characters: wholeNumber("characters", values.characters),
    seed: wholeNumber("seed", values.seed),
    json: values.json,
    answers: values.answers,
    withoutSuffix: suffix === "both",
  };
}

function wholeNumber(name: string, value: string): number {
  if (!/^\d+$/.test(value)) throw new RangeError(`--${name} is a whole number, not “${value}”.`);
  return Number(value);
}

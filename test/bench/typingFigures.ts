import { percentile } from "../eval/metrics";
import { printTable } from "./table";

/** How writing one file, or all, went. */
export interface TypingFigures {
  readonly file: string;
  /** Keys after which the editor asks for a completion, and the completions that there were. */
  readonly keys: number;
  readonly suggestions: number;
  /** Requests that reached the engine, and those of them that a later key ended. */
  readonly requests: number;
  readonly ended: number;
  /** Milliseconds from key to answer: percentiles over all answered keys, and over those for which the engine was asked. */
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  readonly asked50: number;
  readonly asked95: number;
  /** Tokens that the model was run on, and those that an engine which forgets nothing must run. */
  readonly computed: number;
  readonly least: number;
  /** Of those computed, tokens of prompts and of texts; the rest are drafts that were wrong. */
  readonly prompts: number;
  readonly texts: number;
}

/** Measurements while a file is written. */
export interface Records {
  readonly file: string;
  keys: number;
  suggestions: number;
  requests: number;
  ended: number;
  computed: number;
  least: number;
  prompts: number;
  texts: number;
  /** Milliseconds. */
  readonly waits: number[];
  readonly askedWaits: number[];
}

/** The records of all files as one. */
export function mergedRecords(all: readonly Records[]): Records {
  const sum = (value: (one: Records) => number) => all.reduce((total, one) => total + value(one), 0);
  return {
    file: "all",
    keys: sum(({ keys }) => keys),
    suggestions: sum(({ suggestions }) => suggestions),
    requests: sum(({ requests }) => requests),
    ended: sum(({ ended }) => ended),
    computed: sum(({ computed }) => computed),
    least: sum(({ least }) => least),
    prompts: sum(({ prompts }) => prompts),
    texts: sum(({ texts }) => texts),
    waits: all.flatMap(({ waits }) => waits),
    askedWaits: all.flatMap(({ askedWaits }) => askedWaits),
  };
}

export function summary({ waits, askedWaits, ...counts }: Records): TypingFigures {
  return {
    ...counts,
    p50: percentile(waits, 0.5),
    p95: percentile(waits, 0.95),
    max: Math.max(0, ...waits),
    asked50: percentile(askedWaits, 0.5),
    asked95: percentile(askedWaits, 0.95),
  };
}

export function printTyping(title: string, typing: readonly TypingFigures[]): void {
  printTable(
    `${title}: milliseconds from key to answer`,
    ["", "keys", "suggestions", "p50", "p95", "max", "engine asked", "p50", "p95"],
    typing.map((one) => [
      one.file,
      String(one.keys),
      String(one.suggestions),
      one.p50,
      one.p95,
      one.max,
      String(one.requests),
      one.asked50,
      one.asked95,
    ]),
  );
  printTable(
    "Tokens that the model was run on",
    [
      "",
      "computed",
      "least",
      "ratio",
      "without wrong drafts",
      "per key",
      "least per key",
      "prompts",
      "texts",
      "wrong drafts",
      "requests ended",
    ],
    typing.map((one) => [
      one.file,
      String(one.computed),
      String(one.least),
      one.computed / one.least,
      (one.prompts + one.texts) / one.least,
      one.computed / one.keys,
      one.least / one.keys,
      String(one.prompts),
      String(one.texts),
      String(one.computed - one.prompts - one.texts),
      String(one.ended),
    ]),
  );
}

import { printTable } from "./table";
import type { Timing } from "./measures";
import type { Drafting } from "./drafting";

/** Something that the engine is to reach, as a ratio of two times of one run. */
export interface Aim {
  readonly model: string;
  readonly text: string;
  readonly ratio: number;
  readonly aim: string;
  readonly reached: boolean;
}

type Find = (engine: string, measure: string) => number | undefined;

interface Rule {
  readonly text: string;
  readonly ratio: (find: Find) => number | undefined;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const ours = "ours int8";

const rules: readonly Rule[] = [
  {
    text: "+2 tokens at 900 against a decode step",
    ratio: (find) => divide(find(ours, "+2@900"), find(ours, "decode@900")),
    atMost: 1.35,
  },
  ...faster("decode@900", "ort-web concat int8", 1.6),
  ...faster("decode@256", "wllama q8_0", 3),
  ...faster("decode@32", "transformers.js f32", 1),
  ...faster("decode@256", "transformers.js f32", 1),
  ...faster("decode@900", "transformers.js f32", 1),
  ...faster("prefill 256", "wllama q8_0", 8),
  ...faster("prefill 64", "node-llama-cpp q8_0", 1),
  ...faster("prefill 256", "node-llama-cpp q8_0", 1),
  ...faster("prefill 512", "node-llama-cpp q8_0", 1),
  {
    text: "check 8@256 against a decode step",
    ratio: (find) => divide(find(ours, "check 8@256"), find(ours, "decode@256")),
    atMost: 2.2,
  },
  ...faster("+1@256", "transformers.js f32", 8),
  {
    text: "decode@32 against reading the weights",
    ratio: (find) => divide(find(ours, "decode@32"), find(`${ours} floor`, "decode@32")),
    atMost: 1.4,
  },
];

function faster(measure: string, peer: string, atLeast: number): Rule[] {
  const text = `${measure}: times faster than ${peer}`;
  return [{ text, ratio: (find) => divide(find(peer, measure), find(ours, measure)), atLeast }];
}

function divide(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

/** What can be said of the aims with what was measured for one model. */
export function checkAims(model: string, timings: readonly Timing[], drafting: readonly Drafting[]): Aim[] {
  const threads = [...new Set(timings.map((timing) => timing.threads))];
  const aims = threads.flatMap((count) => {
    const find: Find = (engine, measure) => {
      const timing = timings.find(
        (one) => one.threads === count && one.measure === measure && one.engine === engine.replace(/ floor$/, ""),
      );
      return engine.endsWith(" floor") ? timing?.floor : timing?.median;
    };
    return rules.flatMap(({ text, ratio, atLeast, atMost }) => {
      const value = ratio(find);
      if (value === undefined) return [];
      return [aim(model, `${text}, T${count}`, value, atLeast, atMost)];
    });
  });
  const all = drafting.find(({ stop }) => stop === "all");
  if (all) aims.push(aim(model, "drafting: times fewer ms per token", all.plainMs / all.draftedMs, 1.7));
  return aims;
}

export function aim(model: string, text: string, ratio: number, atLeast?: number, atMost?: number): Aim {
  const reached = (atLeast === undefined || ratio >= atLeast) && (atMost === undefined || ratio <= atMost);
  return { model, text, ratio, aim: atLeast === undefined ? `≤ ${atMost ?? 0}` : `≥ ${atLeast}`, reached };
}

export function printAims(aims: readonly Aim[]): void {
  printTable(
    "Aims",
    ["", "model", "ratio", "aim", ""],
    aims.map(({ model, text, ratio, aim: wanted, reached }) => [text, model, ratio, wanted, reached ? "yes" : "no"]),
  );
}

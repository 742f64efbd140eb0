/**
 * How good completions are: the rest of the line at places in files that the model was not trained on.
 *
 *     npm run eval -- [--positions N] [--model FILE] [--precision int8|f32] [--threads N] [--json FILE]
 */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { nodeModelFiles } from "../../src/formats/nodeFiles";
import { complete } from "../../src/generation/complete";
import { type GenerationContext, generationContext } from "../../src/generation/context";
import { nodeOrtLoader } from "../../src/gpt2/nodeOrtLoader";
import { openWeights } from "../../src/gpt2/openWeights";
import { nodeThreads } from "../../src/gpt2/kernels/nodeThreads";
import { openLanguageModel } from "../../src/gpt2/session";
import { tokenizerFor } from "../../src/tokenizer/tokenizerFor";
import { editSimilarity, mean, percentile } from "./metrics";
import { drawPositions, kinds, type Kind, type Position, type SourceFile } from "./positions";

interface Variant {
  readonly suffix: boolean;
  readonly healing: boolean;
}
const variants: readonly Variant[] = [
  { suffix: true, healing: true },
  { suffix: true, healing: false },
  { suffix: false, healing: true },
  { suffix: false, healing: false },
];

interface Outcome {
  readonly kind: Kind;
  readonly exact: boolean;
  readonly similarity: number;
  readonly ms: number;
}

interface Row extends Variant {
  readonly kind: Kind | "all";
  readonly positions: number;
  /** Percent of the places where the rest of the line was found exactly. */
  readonly exactMatch: number;
  readonly editSimilarity: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      positions: { type: "string", default: "60" },
      model: { type: "string", default: "models/gpt2-code-mini/gpt2-code-mini.Q8_0.gguf" },
      precision: { type: "string", default: "int8" },
      threads: { type: "string", default: "0" },
      json: { type: "string" },
    },
  });
  const precision = values.precision === "f32" ? "f32" : "int8";
  const positions = drawPositions(await readFiles(), Number(values.positions));
  await using weights = await openWeights(await nodeModelFiles(path.resolve(values.model)));
  const loader = nodeOrtLoader(path.resolve("node_modules/onnxruntime-web/dist"));
  const threads = Number(values.threads);
  await using model = await openLanguageModel(weights, { precision, threads, loader, kernelThreads: nodeThreads });
  const tokenizer = tokenizerFor(model.config);

  const rows: Row[] = [];
  for (const variant of variants.filter(({ suffix }) => !suffix || tokenizer.fim !== undefined)) {
    // A context of its own, so that no variant drafts from what another one wrote.
    const context = generationContext(model, tokenizer);
    const outcomes: Outcome[] = [];
    for (const position of positions) outcomes.push(await evaluate(context, position, variant));
    for (const kind of ["all", ...kinds] as const) rows.push(summary(variant, kind, outcomes));
  }
  console.log(`${values.model}, ${precision}, ${positions.length} places, rest of the line, greedy\n`);
  console.table(rows.map(({ kind, suffix, healing, ...numbers }) => ({ kind, suffix, healing, ...rounded(numbers) })));
  if (values.json) {
    await writeFile(values.json, `${JSON.stringify({ model: values.model, precision, rows }, undefined, 2)}\n`);
  }
}

async function evaluate(context: GenerationContext, position: Position, variant: Variant): Promise<Outcome> {
  const { file, prefix, rest, kind } = position;
  const header = `${file.lang === "python" ? "#" : "//"} ${file.path}\n`;
  const { text, timings } = await complete(
    context,
    {
      prompt: { header, prefix, suffix: variant.suffix ? position.suffix : "" },
      stop: "line",
      maxTokens: 32,
      sampling: { temperature: 0, topK: 0, topP: 1, seed: 0 },
      healing: variant.healing,
    },
    { arrivedAt: context.now(), signal: { aborted: false }, pause: () => Promise.resolve() },
  );
  const [found = ""] = text.trimEnd().split("\n");
  const wanted = rest.trimEnd();
  return { kind, exact: found === wanted, similarity: editSimilarity(found, wanted), ms: timings.totalMs };
}

function summary(variant: Variant, kind: Row["kind"], outcomes: readonly Outcome[]): Row {
  const chosen = outcomes.filter((outcome) => kind === "all" || outcome.kind === kind);
  const times = chosen.map(({ ms }) => ms);
  return {
    kind,
    ...variant,
    positions: chosen.length,
    exactMatch: 100 * mean(chosen.map(({ exact }) => Number(exact))),
    editSimilarity: mean(chosen.map(({ similarity }) => similarity)),
    medianMs: percentile(times, 0.5),
    p95Ms: percentile(times, 0.95),
  };
}

function rounded(numbers: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Math.round(value * 10) / 10]));
}

async function readFiles(): Promise<SourceFile[]> {
  const lines = (await readFile(path.resolve("test/eval/data/files.jsonl"), "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as SourceFile);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

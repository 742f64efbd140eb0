/** Fits the ranker of lines to repositories that the model was not trained on; `usage` says how. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { featureNames, featuresOf } from "../../../src/completion/core/ranking/features";
import type { RankerCoefficients } from "../../../src/completion/core/ranking/coefficients";
import { rankLines } from "../../../src/completion/core/ranking/ranker";
import { printTable } from "../../bench/table";
import { openCandidate } from "../candidate";
import { readSourceFiles } from "../files";
import { drawPlaces, kindsInLine } from "../places";
import { Repositories } from "../workspace";
import { examplesAt, type RankingExample } from "./examples";
import { fitLogistic } from "./regression";
import { fitSelection, type SelectionExample, selectionExamples, selectionSource } from "./selection";

const usage = `Usage: npm run fit-ranker -- [--selection] --files PATH.jsonl [OPTIONS]

  --files PATH.jsonl      files of repositories that the model was not trained on; may be repeated
  --places N              places to complete at, in each (default: 600)
  --model PATH            the model that scores the lines (default: the bundled model)
  --selection             fits instead by what lines are selected before the model scores them; needs no model
  --answers FILE          keeps what the model says, and takes from there what it said in an earlier run
  --out FILE              what is fitted (default: src/completion/core/ranking/coefficients.ts, or selectionWeights.ts)`;

const rankingFolder = "src/completion/core/ranking";

const inLine: ReadonlySet<string> = new Set(kindsInLine);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      files: { type: "string", multiple: true, default: [] },
      places: { type: "string", default: "600" },
      model: { type: "string", default: "models/gpt2-code-mini/gpt2-code-mini.Q8_0.gguf" },
      answers: { type: "string" },
      selection: { type: "boolean", default: false },
      out: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help || values.files.length === 0) {
    console.log(usage);
    return;
  }
  if (values.selection) {
    await selectionMain(values.files, Number(values.places), values.out ?? `${rankingFolder}/selectionWeights.ts`);
    return;
  }
  const examples = await collect(values.files, Number(values.places), values.model, values.answers);
  const used = examples.filter(({ lines }) => lines.length > 0);
  crossValidate(examples);
  await writeFile(values.out ?? `${rankingFolder}/coefficients.ts`, source(fit(used), used));
}

/** Fits the weights by which lines are selected. */
async function selectionMain(files: readonly string[], places: number, out: string): Promise<void> {
  const examples: SelectionExample[] = [];
  for (const file of files) {
    const sources = await readSourceFiles(path.resolve(file));
    examples.push(...selectionExamples(drawPlaces(sources, places, 5), new Repositories(sources)));
  }
  await writeFile(out, selectionSource(fitSelection(examples)));
}

async function collect(
  files: readonly string[],
  places: number,
  model: string,
  answers: string | undefined,
): Promise<RankingExample[]> {
  const name = path.parse(model).name;
  await using candidate = await openCandidate(model, { name, precision: "int8", threads: 0, answers });
  const examples: RankingExample[] = [];
  for (const file of files) {
    const sources = await readSourceFiles(path.resolve(file));
    const repositories = new Repositories(sources);
    for (const place of drawPlaces(sources, places, 5)) {
      examples.push(...(await examplesAt(candidate, place, repositories)));
    }
  }
  return examples;
}

function fit(examples: readonly RankingExample[]): RankerCoefficients {
  return fitLogistic(
    examples.flatMap((example) => {
      const features = featuresOf(example.lines, example);
      return example.lines.map(({ right }, index) => ({ features: features[index] ?? [], right }));
    }),
  );
}

/** Ranks each repository's lines with what was fitted to the others, and prints how often that is right. */
function crossValidate(examples: readonly RankingExample[]): void {
  const rows: { example: RankingExample; probability: number; right: boolean; any: boolean }[] = [];
  for (const repo of new Set(examples.map((example) => example.repo))) {
    const ranker = fit(examples.filter((example) => example.repo !== repo && example.lines.length > 0));
    for (const example of examples.filter((other) => other.repo === repo)) {
      const [best] = rankLines(example.lines, example, ranker);
      const right = example.lines.find(({ text }) => text === best?.text)?.right ?? false;
      const any = example.lines.some((line) => line.right);
      rows.push({ example, probability: best?.probability ?? 0, right, any });
    }
  }
  const groups = [
    ["all", () => true],
    ["rest of the line", (kind: string) => inLine.has(kind)],
    ["new line", (kind: string) => kind === "new line"],
  ] as const;
  printTable(
    "Ranked lines, cross-validated by repository: right %, best possible %, right % of the surest 30, 45 and 60 %",
    ["", "places", "right", "possible", "30", "45", "60"],
    (["repository", "distant"] as const).flatMap((mode) =>
      groups.map(([name, has]) => {
        const group = rows.filter(({ example }) => example.mode === mode && has(example.kind));
        const surest = group.toSorted((a, b) => b.probability - a.probability);
        const share = (part: typeof group) =>
          (100 * part.filter(({ right }) => right).length) / Math.max(1, part.length);
        const top = [0.3, 0.45, 0.6].map((part) => share(surest.slice(0, Math.round(part * surest.length))));
        const possible = (100 * group.filter(({ any }) => any).length) / Math.max(1, group.length);
        return [`${mode}, ${name}`, String(group.length), share(group), possible, ...top];
      }),
    ),
  );
  printThresholds(rows.filter(({ example }) => example.mode === "repository"));
}

/** What is shown above a probability, and how much of it is right: the choice of thresholds. */
function printThresholds(rows: readonly { probability: number; right: boolean }[]): void {
  printTable(
    "Thresholds, workspace with near-copies, all places",
    ["probability", "shown %", "right %"],
    [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7].map((threshold) => {
      const shown = rows.filter(({ probability }) => probability >= threshold);
      const right = shown.filter((row) => row.right).length;
      return [String(threshold), (100 * shown.length) / rows.length, (100 * right) / Math.max(1, shown.length)];
    }),
  );
}

function source({ intercept, means, deviations, weights }: RankerCoefficients, examples: readonly RankingExample[]) {
  const repositories = [...new Set(examples.map(({ repo }) => repo))].sort();
  const number = (value: number | undefined) => String(Number((value ?? 0).toPrecision(4)));
  const rows = featureNames.map((name, i) => {
    return `  // ${name}\n  [${number(means[i])}, ${number(deviations[i])}, ${number(weights[i])}],`;
  });
  return `/** A logistic regression over standardized features, see \`featureNames\`. */
export interface RankerCoefficients {
  readonly intercept: number;
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  readonly weights: readonly number[];
}

/** Mean, standard deviation and weight of each feature. */
const features: readonly (readonly [mean: number, deviation: number, weight: number])[] = [
${rows.join("\n")}
];

/**
 * Written by \`npm run fit-ranker\`, from ${examples.length} choices at places in ${repositories.join(", ")}.
 */
export const coefficients: RankerCoefficients = {
  intercept: ${number(intercept)},
  means: features.map(([mean]) => mean),
  deviations: features.map(([, deviation]) => deviation),
  weights: features.map(([, , weight]) => weight),
};
`;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

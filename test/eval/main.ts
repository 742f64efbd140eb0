/** How good models are on code that they were not trained on; `usage` in options.ts says what can be asked. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { type Candidate, openCandidate } from "./candidate";
import { drawTexts, evaluate, type Tasks } from "./evaluate";
import { readSourceFiles } from "./files";
import { History } from "./history";
import { ngramCandidate } from "./ngramModel";
import { type EvaluationOptions, parseOptions, usage } from "./options";
import { ablate } from "./ablation/ablation";
import type { Lookup } from "./complete";
import { drawPlaces, type Place } from "./places";
import { openQuantized } from "./quantization";
import { Repositories } from "./workspace";
import { modelReport, plainOutcomes, printDifferences, printEagerness, printGroups, printSummary } from "./report";

async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes("--help")) {
    console.log(usage);
    return;
  }
  const options = parseOptions(argv);
  const candidates: Candidate[] = [];
  try {
    await openAll(options, candidates);
    await run(candidates, options);
  } finally {
    for (const candidate of candidates) await candidate[Symbol.asyncDispose]();
  }
}

/** @param candidates are added to as they are opened */
async function openAll(options: EvaluationOptions, candidates: Candidate[]): Promise<void> {
  const { models, quantization, baselineTrain, threads } = options;
  if (quantization !== undefined) {
    candidates.push(...(await openQuantized(quantization, threads)));
  } else {
    for (const model of models) candidates.push(await openCandidate(model, { ...options, name: nameOf(model) }));
  }
  const [first] = candidates;
  if (first && baselineTrain !== undefined) candidates.push(await ngramCandidate(baselineTrain, first, options));
}

async function run(candidates: readonly Candidate[], options: EvaluationOptions): Promise<void> {
  const tasks = await tasksOf(options);
  const { places, lines, texts, workspace } = tasks;
  const [first] = candidates;
  if (options.ablation && first) {
    const { repositories } = tasks;
    const lookupAt =
      ({ file }: Place): Lookup =>
      (prefix, suffix) =>
        repositories.find(file, workspace, prefix, suffix);
    await ablate(first, places, lookupAt, progress());
    return;
  }
  const evaluations = await evaluate(candidates, tasks, progress());
  const reports = evaluations.map(modelReport);
  const counts = `${places.length} places, ${lines.length} lines, ${texts.length} texts`;
  console.log(`${options.files}: ${counts}, seed ${options.seed}, greedy, workspace: ${workspace}`);
  printSummary(reports);
  if (workspace !== "none") printEagerness(reports);
  printDifferences(evaluations);
  if (options.quantization === undefined) reports.forEach(printGroups);
  if (options.json !== undefined) {
    const written = { options, reports, outcomes: evaluations.map(plainOutcomes) };
    await writeFile(options.json, `${JSON.stringify(written, undefined, 1)}\n`);
  }
}

async function tasksOf(options: EvaluationOptions): Promise<Tasks> {
  const { history: commits, workspace, seed, withoutSuffix: isWithoutSuffix } = options;
  if (commits !== undefined) {
    const history = await History.read(path.resolve(options.files), commits, seed);
    return {
      places: history.draw(options.places, seed),
      lines: history.draw(options.lines, seed + 1, ({ kind }) => kind === "new line"),
      texts: drawTexts(history.files, options.characters, seed),
      workspace,
      repositories: history,
      isWithoutSuffix,
    };
  }
  const files = await readSourceFiles(path.resolve(options.files));
  return {
    places: drawPlaces(files, options.places, seed),
    lines: drawPlaces(files, options.lines, seed, ["new line"]),
    texts: drawTexts(files, options.characters, seed),
    workspace,
    repositories: new Repositories(files),
    isWithoutSuffix,
  };
}

/** A file's name without its ending, or a folder's; the folder's also for a `model.safetensors`. */
function nameOf(model: string): string {
  const { name, dir } = path.parse(path.resolve(model));
  return name === "model" ? path.basename(dir) : name;
}

/** Says on stderr, every half minute, how far it is. */
function progress(): (share: number) => void {
  const interval = 30_000;
  const began = performance.now();
  let next = began + interval;
  return (share) => {
    const now = performance.now();
    if (now < next) return;
    next = now + interval;
    const minutes = ((now - began) * (1 / share - 1)) / 60_000;
    console.error(`${(100 * share).toFixed(0)} %, about ${minutes.toFixed(1)} min to go`);
  };
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

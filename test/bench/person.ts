/**
 * `npm run bench:person`: a person writes files key by key in the real editor, with the packaged extension and the bundled model, with pauses and
 * slips, and takes what is right of the ghost text. The saved files have to be the originals. `--only NAME` writes one file, `--lines N` its first lines.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "../../src/generation/sampling/random";
import { exitWith } from "../harness/exit";
import { Desk } from "../harness/person/desk";
import { packageExtension, VSIX } from "../harness/vsix";
import { beginningOf, inRealCode, wholeFiles, type Assignment } from "./manuscripts";
import { figuresOf, type WritingFigures } from "./personFigures";
import { printTable } from "./table";

const RESULTS = path.resolve("test-results/bench-person");
/** Of the keys, at most. */
const FLICKER_LIMIT = 0.01;

async function writeOne(assignment: Assignment, seed: number): Promise<WritingFigures> {
  const { name, file, language, tabSize, fill, manuscript } = assignment;
  const results = path.join(RESULTS, name);
  const random = seededRandom(seed);
  await mkdir(results, { recursive: true });
  await using desk = await Desk.open({
    file,
    language,
    tabSize,
    random,
    fill,
    server: { vsix: VSIX, logFolder: results },
  });
  try {
    const writing = await desk.write(manuscript);
    const record = await desk.person.record();
    const saved = await desk.saved();
    const figures = figuresOf(name, manuscript, writing, record, saved === manuscript.text);
    await writeFile(path.join(results, "saved.txt"), saved);
    await writeFile(path.join(results, "record.json"), JSON.stringify({ figures, writing, record }));
    return figures;
  } finally {
    await desk.workbench.screenshot(path.join(results, "end.png"));
  }
}

function print(title: string, all: readonly WritingFigures[]): void {
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  printTable(
    title,
    ["", "lines", "keys", "equal", "keys saved", "chars", "shown", "right", "suggestions", "right", "Tab", "word"],
    all.map((one) => [
      one.name,
      String(one.lines),
      String(one.keys),
      one.equal ? "yes" : "NO",
      percent(one.keysSaved),
      percent(one.charactersSaved),
      percent(one.shownShare),
      percent(one.rightShare),
      String(one.suggestions),
      percent(one.suggestionsRight),
      String(one.acceptedWhole),
      String(one.acceptedWords),
    ]),
  );
  printTable(
    "Milliseconds from key to ghost text; flickers",
    ["", "median", "p95", "new: median", "p95", "flickers", "of keys"],
    all.map((one) => [
      one.name,
      one.median,
      one.p95,
      one.newMedian,
      one.newP95,
      String(one.flickers.length),
      `${((100 * one.flickers.length) / one.keys).toFixed(2)} %`,
    ]),
  );
  for (const { name, faults, flickers } of all) {
    for (const fault of faults) console.log(`  ${name}: ${fault}`);
    for (const { why, key, line, from, to } of flickers)
      console.log(`  ${name}: ${why} at “${key}” after “${line}”: ${JSON.stringify(from)} → ${JSON.stringify(to)}`);
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      lines: { type: "string" },
      seed: { type: "string", default: "1" },
      built: { type: "boolean", default: false },
    },
  });
  const groups = [
    ["Whole files", await wholeFiles()],
    ["Forty lines in a workspace of real code", await inRealCode()],
  ] as const;
  const names = groups.flatMap(([, list]) => list.map(({ name }) => name));
  const unknown = values.only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no file ${unknown}. There are: ${names.join(", ")}.`);

  if (!values.built) await packageExtension();
  await mkdir(RESULTS, { recursive: true });
  const lines = Number(values.lines ?? Infinity);
  const chosen = (list: readonly Assignment[]) =>
    list.filter(({ name }) => values.only?.includes(name) ?? true).map((one) => beginningOf(one, lines));
  const results: WritingFigures[] = [];
  for (const [title, list] of groups) {
    const figures: WritingFigures[] = [];
    for (const assignment of chosen(list)) {
      await rm(path.join(RESULTS, assignment.name), { recursive: true, force: true });
      figures.push(await writeOne(assignment, Number(values.seed)));
      print(title, figures.slice(-1));
    }
    if (figures.length > 1) print(title, figures);
    results.push(...figures);
  }
  await writeFile(path.join(RESULTS, "report.json"), JSON.stringify(results, undefined, 2));
  const good = results.every(({ equal, keys, flickers, faults }) => {
    return equal && faults.length === 0 && flickers.length <= FLICKER_LIMIT * keys;
  });
  return good ? 0 : 1;
}

exitWith(main());

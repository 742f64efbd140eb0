import type { CheckpointResult } from "./result";
import type { CheckpointReport } from "./run";

/** A run as JSON, for scripts and bug reports. A difference that is infinite (a tensor is missing or not a number) is `null`. */
export function toJson(report: CheckpointReport): string {
  return JSON.stringify(report, null, 2);
}

/** A run as a Markdown document: a table, and the particulars of what did not pass. */
export function toMarkdown(report: CheckpointReport): string {
  const { model, storage, backend, precision, threads, tokens, continuation, checkpoints } = report;
  const passed = checkpoints.filter(({ status }) => status === "passed").length;
  const lines = [
    `# Checkpoints of ${escape(model)}`,
    "",
    `${passed} of ${checkpoints.length} passed. ${escape(storage)}, run in ${precision} on ${backend} with ${threads} ` +
      `${threads === 1 ? "thread" : "threads"}, against the float64 reference.`,
    "",
    `Prompt \`[${tokens.join(", ")}]\`, continued by \`[${continuation.join(", ")}]\`.`,
    "",
    "| # | checkpoint | shape | largest difference | tolerance | |",
    "| --: | --- | --- | --: | --: | --- |",
    ...checkpoints.map(
      ({ number, name, shape, maxAbsDiff, tolerance, status }) =>
        `| ${number} | ${name} | [${shape.join(", ")}] | ${scientific(maxAbsDiff)} | ${scientific(tolerance)} | ${status} |`,
    ),
  ];
  const failed = checkpoints.filter(({ parts }) => parts.some((part) => !part.passed));
  const notes = checkpoints.flatMap(({ number, parts }) =>
    parts.flatMap(({ passed: fine, note }) => (fine && note !== undefined ? [`- ${number}: ${escape(note)}`] : [])),
  );
  return [...lines, ...failed.flatMap(particulars), ...(notes.length > 0 ? ["", ...notes] : []), ""].join("\n");
}

function particulars({ number, name, compares, status, guidance, parts }: CheckpointResult): string[] {
  return [
    "",
    `## ${number}. ${name}: ${status}`,
    "",
    `Compared: ${compares}.`,
    "",
    guidance,
    "",
    ...parts
      .filter((part) => !part.passed)
      .flatMap((part) => [
        `- ${escape(part.name)}: ${scientific(part.maxAbsDiff)} at [${part.at.join(", ")}], allowed ${scientific(part.tolerance)}` +
          (part.note === undefined ? "" : `. ${escape(part.note)}`),
        `  - reference: ${part.firstValues.expected.map(short).join(", ")} …`,
        `  - engine: ${part.firstValues.actual.map(short).join(", ")} …`,
      ]),
  ];
}

function scientific(value: number): string {
  if (value === 0) return "0";
  return Number.isFinite(value) ? value.toExponential(1) : "none comparable";
}

function short(value: number): string {
  return String(Number(value.toPrecision(7)));
}

/** Keeps a model's name or a text from being read as Markdown. */
function escape(text: string): string {
  return text.replace(/[\\`*_[\]<>|#]/g, "\\$&").replaceAll("\n", " ");
}

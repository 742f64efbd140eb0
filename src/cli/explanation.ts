import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { logProbability } from "../completion/core/ranking/features";
import type { LinePart } from "../completion/core/ranking/linePart";
import type { RankedLine } from "../completion/core/ranking/ranker";
import type { LineDecision } from "../completion/core/ranking/suggestLine";

/** Why a line is suggested, or none: what `complete --explain` prints. */
export interface Explanation {
  /** The least probability of a line that is shown; null where lines are not ranked. */
  readonly threshold: number | null;
  /** Why no line is shown, or why lines are not ranked; null when one is shown. */
  readonly reason: string | null;
  /** The beginning of the likeliest line, when only that is likely enough to be shown. */
  readonly part: LinePart | null;
  /** The likeliest first. */
  readonly lines: readonly ExplainedLine[];
}

export interface ExplainedLine {
  /** That the line is right. */
  readonly probability: number;
  /** The model's, of the whole line; null for a line that does not fit the context. */
  readonly logProbability: number | null;
  /** `model`; `renamed` where names were replaced; and the places in the workspace as FILE:LINE, the best match first. */
  readonly sources: readonly string[];
  readonly text: string;
}

/**
 * @param decision undefined where lines are not ranked
 * @param suggestion the text that is shown, after the filters; may be empty
 * @param lineScores whether the model's log-probabilities of lines are to be had
 */
export function explain(decision: LineDecision | undefined, suggestion: string, lineScores = true): Explanation {
  if (!decision) {
    const why = lineScores
      ? "Lines are not ranked here: code follows the cursor on its line."
      : "Lines are not ranked: the server gives no log-probabilities of lines.";
    return { threshold: null, reason: why, part: null, lines: [] };
  }
  const { threshold, part, lines } = decision;
  const reason = suggestion === "" ? reasonOf(decision) : null;
  return { threshold, reason, part: reason === null ? (part ?? null) : null, lines: lines.map(explainLine) };
}

/** The explanation as a table for a person. */
export function describeExplanation({ threshold, reason, part, lines }: Explanation): string {
  const titles = ["probability", "log-probability", "source", "text"];
  const rows = lines.map((line) => [
    percent(line.probability),
    line.logProbability?.toFixed(2) ?? "–",
    sourceOf(line.sources),
    JSON.stringify(line.text),
  ]);
  const paragraphs = rows.length > 0 ? table([titles, ...rows]) : [];
  if (threshold !== null) paragraphs.push(`threshold: ${percent(threshold)}`);
  if (part !== null) {
    paragraphs.push(
      `Only the beginning of the likeliest line is shown: ${percent(part.probability)} for ${JSON.stringify(part.text)}.`,
    );
  }
  if (reason !== null) paragraphs.push(reason);
  return `${paragraphs.join("\n")}\n`;
}

function reasonOf({ lines: [best], threshold }: LineDecision): string {
  if (!best) return "Nothing is shown: neither the model nor the workspace has a line for this place.";
  if (best.probability >= threshold) return "Nothing is shown: the filters have left nothing of the likeliest line.";
  return `Nothing is shown: the likeliest line has ${percent(best.probability)}, less than the threshold.`;
}

function explainLine(line: RankedLine): ExplainedLine {
  const places = line.matches.map(({ uri, line: zeroBased }) => `${shownPath(uri)}:${zeroBased + 1}`);
  return {
    probability: line.probability,
    logProbability: line.score.tokens.length > 0 ? logProbability(line) : null,
    sources: [...(line.fromModel ? ["model"] : []), ...(line.isRenamed ? ["renamed"] : []), ...places],
    text: line.text,
  };
}

/** Relative to the working folder; absolute for a file elsewhere. */
function shownPath(uri: string): string {
  const file = fileURLToPath(uri);
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}

/** No more than the best match and what is not a place, and how many more there are. */
function sourceOf(sources: readonly string[]): string {
  const firstPlace = sources.findIndex((source) => source !== "model" && source !== "renamed");
  const shown = firstPlace < 0 ? sources : sources.slice(0, firstPlace + 1);
  const others = sources.length - shown.length;
  return `${shown.join(", ")}${others > 0 ? ` and ${others} more` : ""}`;
}

/** Cells in columns: numbers to the right, texts to the left. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

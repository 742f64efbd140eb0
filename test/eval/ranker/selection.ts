import { workspaceLines } from "../../../src/completion/core/ranking/lineCandidates";
import { selectionFeatureNames, selectionFeatures } from "../../../src/completion/core/ranking/selection";
import { renamedLines } from "../../../src/completion/core/ranking/renaming";
import { lineFacts } from "../../../src/completion/core/ranking/lineFacts";
import { surroundingsOf } from "../../../src/completion/core/ranking/surroundings";
import { printTable } from "../../bench/table";
import { cursorIn } from "../complete";
import { kindsInLine, type Place } from "../places";
import type { Repositories, WorkspaceMode } from "../workspace";
import { type Choice, fitChoice } from "./choice";

/** What the workspace has for a place. */
export interface SelectionExample {
  readonly repo: string;
  readonly mode: WorkspaceMode;
  readonly inLine: boolean;
  /** In the order of the matches. */
  readonly lines: Choice;
}

const inLine: ReadonlySet<string> = new Set(kindsInLine);

/** The lines that the workspace has for places, with near-copies of their files and without. */
export function selectionExamples(places: readonly Place[], repositories: Repositories): SelectionExample[] {
  return places.flatMap(({ file, kind, wanted, prefix, suffix }) =>
    (["repository", "distant"] as const).map((mode) => {
      const cursor = cursorIn({ file }, prefix, suffix);
      const around = surroundingsOf(cursor);
      const found = workspaceLines(repositories.find(file, mode, cursor.before, cursor.after));
      const lines = [...found, ...renamedLines(found, around)];
      return {
        repo: file.repo,
        mode,
        inLine: inLine.has(kind),
        lines: lines.map((line) => ({
          features: selectionFeatures(lineFacts(line, around)),
          right: line.text === wanted,
        })),
      };
    }),
  );
}

/** Fits the weights, and prints how often the right line is among the first ones, cross-validated by repository. */
export function fitSelection(examples: readonly SelectionExample[]): number[] {
  const rows = examples.map((example) => ({ example, ranks: { before: rankOf(example.lines), after: Infinity } }));
  for (const repo of new Set(examples.map((example) => example.repo))) {
    const weights = fitChoice(examples.filter((example) => example.repo !== repo).map(({ lines }) => lines));
    for (const row of rows.filter(({ example }) => example.repo === repo)) {
      row.ranks.after = rankOf(ordered(row.example.lines, weights));
    }
  }
  const counts = [1, 4, 6, 8];
  printTable(
    "Right line among the first, %: by match length (left), selected",
    ["", "places", ...counts.map(String), ...counts.map(String), "all"],
    (["repository", "distant"] as const).flatMap((mode) =>
      [true, false].map((isInLine) => {
        const group = rows.filter(({ example }) => example.mode === mode && example.inLine === isInLine);
        const share = (rank: "before" | "after", among: number) =>
          (100 * group.filter(({ ranks }) => ranks[rank] < among).length) / Math.max(1, group.length);
        return [
          `${mode}, ${isInLine ? "rest of the line" : "whole lines"}`,
          String(group.length),
          ...counts.map((among) => share("before", among)),
          ...counts.map((among) => share("after", among)),
          share("before", Infinity),
        ];
      }),
    ),
  );
  return fitChoice(examples.map(({ lines }) => lines));
}

function rankOf(lines: Choice): number {
  const rank = lines.findIndex(({ right }) => right);
  return rank < 0 ? Infinity : rank;
}

function ordered(lines: Choice, weights: readonly number[]): Choice {
  const score = (features: readonly number[]) => features.reduce((sum, x, i) => sum + x * (weights[i] ?? 0), 0);
  return lines.toSorted((a, b) => score(b.features) - score(a.features));
}

/** The source file of the weights. */
export function selectionSource(weights: readonly number[]): string {
  const rows = weights.map((weight, i) => `  // ${selectionFeatureNames[i]}\n  ${Number(weight.toPrecision(4))},`);
  return `/** Weights of \`selectionFeatureNames\`. Written by \`npm run fit-ranker -- --selection\`. */
export const selectionWeights: readonly number[] = [
${rows.join("\n")}
];
`;
}

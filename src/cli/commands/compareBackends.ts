import { compareBackends as compare } from "../../engine/compareBackends";
import type { BackendComparison } from "../../gpt2/verification/compareModels";
import type { BackendChoice } from "../../gpt2/backends/backend";
import type { CheckpointsCommand } from "../arguments";
import type { Output } from "../output";
import { enginePlatform, openTapped } from "../session";

/**
 * Runs the same tokens on two backends and compares the tensors inside the model.
 * @param against the second backend, on which the model is not split unless it has to be
 * @returns whether they agree within the tolerance, in every likeliest token too
 */
export async function compareBackends(
  command: CheckpointsCommand,
  against: BackendChoice,
  output: Output,
): Promise<boolean> {
  const warn = (message: string) => output.note(`${message}\n`);
  await using one = await openTapped(command, warn);
  await using other = await openTapped({ ...command, backend: against, deviceMap: "auto" }, warn);
  const { prompt, tokens, json } = command;
  const request = { ...(prompt !== undefined && { prompt }), ...(tokens && { tokens }) };
  const comparison = await compare(one, other, request, () => enginePlatform().yieldToHost());
  if (json) output.json({ ...comparison, first: comparison.first ?? null });
  else output.text(comparisonText(comparison));
  return comparison.first === undefined && comparison.flips.length === 0;
}

/** A comparison in sentences for a person. */
export function comparisonText({ backends, first, logits, flips, positions }: BackendComparison): string {
  const largest = `The largest difference of two logits is ${logits.toExponential(2)}.`;
  const likeliest = flips.length === 0 ? "none" : `${flips.length} (${flips.join(", ")})`;
  const where = first
    ? `They differ first in ${first.name} (checkpoint ${first.checkpoint.number}, ${first.checkpoint.name}), ${first.pass}: ` +
      `by ${first.maxAbsDiff.toExponential(2)}, where ${first.tolerance.toExponential(2)} passes.`
    : "No tensor differs by more than the tolerance.";
  return `${backends.join(" and ")}, ${positions} positions.\n${where}\n${largest}\nPositions with another likeliest token: ${likeliest}.\n`;
}

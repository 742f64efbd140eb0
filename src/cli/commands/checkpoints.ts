import { checkModel } from "../../engine/checkModel";
import type { CheckpointProgress } from "../../engine/protocol";
import { toMarkdown } from "../../gpt2/verification/checkpoints/report";
import type { CheckpointsCommand } from "../arguments";
import type { Output } from "../output";
import { enginePlatform, openTapped } from "../session";
import { compareBackends } from "./compareBackends";

/**
 * Runs the twelve checkpoints on a model, or compares two backends instead. Only the tapped model and the reference are in memory.
 * @returns whether all of them passed
 */
export async function checkpoints(command: CheckpointsCommand, output: Output, signal: AbortSignal): Promise<boolean> {
  const { prompt, tokens, precision, json, against } = command;
  if (against !== undefined) return compareBackends(command, against, output);
  output.note("Opening the model…\n");
  const warn = (message: string) => output.note(`${message}\n`);
  await using tapped = await openTapped(command, warn);
  const report = await checkModel(
    tapped,
    { ...(prompt !== undefined && { prompt }), ...(tokens && { tokens }) },
    { signal, pause: () => enginePlatform().yieldToHost(), onProgress: progressTo(output) },
  );
  if (json) {
    const { model: name, continuation } = report;
    const rows = report.checkpoints.map(({ number, name, shape, maxAbsDiff, tolerance, status }) => {
      return { number, name, shape, maxAbsDiff, tolerance, status };
    });
    output.json({ model: name, backend: report.backend, precision, checkpoints: rows, continuation });
  } else {
    output.text(toMarkdown(report));
  }
  return report.checkpoints.every(({ status }) => status === "passed");
}

/** Reports each result as it comes, and every tenth of the work. */
function progressTo(output: Output): (progress: CheckpointProgress) => void {
  let tenth = 0;
  return ({ share, result }) => {
    if (result) output.note(`${String(result.number).padStart(2)} ${result.name}: ${result.status}\n`);
    else if (Math.floor(10 * share) > tenth) {
      tenth = Math.floor(10 * share);
      output.note(`${10 * tenth} %\n`);
    }
  };
}

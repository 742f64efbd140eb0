import { checkModel } from "../../engine/checkModel";
import type { CheckpointProgress } from "../../engine/protocol";
import { openTappedModel } from "../../engine/openModel";
import { toMarkdown } from "../../gpt2/verification/checkpoints/report";
import type { CheckpointsCommand } from "../arguments";
import type { Output } from "../output";
import { bundledModel, enginePlatform } from "../session";

/**
 * Runs the twelve checkpoints on a model: nothing but the engine's side and the reference is in memory.
 * @returns whether all of them passed
 */
export async function checkpoints(command: CheckpointsCommand, output: Output, signal: AbortSignal): Promise<boolean> {
  const { prompt, tokens, model, precision, threads, json } = command;
  const platform = enginePlatform();
  const location = { kind: "path", path: model ?? bundledModel } as const;
  output.note("Opening the model…\n");
  await using tapped = await openTappedModel(
    platform,
    { location, precision, threads, cacheFolder: undefined },
    (message) => output.note(`${message}\n`),
  );
  const report = await checkModel(
    tapped,
    { ...(prompt !== undefined && { prompt }), ...(tokens && { tokens }) },
    { signal, pause: () => platform.yieldToHost(), onProgress: progressTo(output) },
  );
  if (json) {
    const { model: name, backend, continuation } = report;
    const rows = report.checkpoints.map(({ number, name, shape, maxAbsDiff, tolerance, status }) => {
      return { number, name, shape, maxAbsDiff, tolerance, status };
    });
    output.json({ model: name, backend, precision, checkpoints: rows, continuation });
  } else {
    output.text(toMarkdown(report));
  }
  return report.checkpoints.every(({ status }) => status === "passed");
}

/** Notes each result as it comes, and every tenth of the work. */
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

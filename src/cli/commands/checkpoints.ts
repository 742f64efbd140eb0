import { checkModel } from "../../engine/checkModel";
import type { CheckpointProgress } from "../../engine/protocol";
import { openTappedModel } from "../../engine/openModel";
import { toMarkdown } from "../../gpt2/verification/checkpoints/report";
import type { CheckpointsCommand } from "../arguments";
import type { Output } from "../output";
import { bundledModel, enginePlatform } from "../session";

/**
 * Runs the twelve checkpoints on a model. Only the tapped model and the reference are in memory.
 * @returns whether all of them passed
 */
export async function checkpoints(command: CheckpointsCommand, output: Output, signal: AbortSignal): Promise<boolean> {
  const { prompt, tokens, model, backend, precision, threads, json } = command;
  const platform = enginePlatform();
  const location = { kind: "path", path: model ?? bundledModel } as const;
  output.note("Opening the model…\n");
  await using tapped = await openTappedModel(
    platform,
    { location, backend, precision, threads, cacheFolder: undefined },
    (message) => output.note(`${message}\n`),
  );
  const report = await checkModel(
    tapped,
    { ...(prompt !== undefined && { prompt }), ...(tokens && { tokens }) },
    { signal, pause: () => platform.yieldToHost(), onProgress: progressTo(output) },
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

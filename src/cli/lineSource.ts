import { capabilitiesOf } from "../backend/backend";
import type { LineScore, ScoreRequest } from "../generation/ranking/scoreLines";
import type { CompletionRequest, FinishReason, Timings } from "../generation/request";
import type { Output } from "./output";
import type { RunOptions } from "./runOptions";
import { openServer } from "./server";
import { openSession } from "./session";

/** A completion, with its tokens where the model runs in this process. */
export interface SourceText {
  readonly text: string;
  readonly finish: FinishReason;
  readonly tokens?: readonly number[];
  readonly timings: Timings;
}

/** What complete asks: the local engine, or a server. */
export interface LineSource extends AsyncDisposable {
  readonly loadMs: number;
  /** Whether it scores lines, so that they can be ranked. */
  readonly lineScores: boolean;
  complete(request: CompletionRequest, signal: AbortSignal): Promise<SourceText>;
  scoreLines(request: ScoreRequest, signal: AbortSignal): Promise<readonly LineScore[]>;
}

/** Opens what the command line names. @throws ModelFileError, ServerError */
export async function openLineSource(options: RunOptions, output: Output): Promise<LineSource> {
  if (options.server) {
    const started = performance.now();
    const backend = await openServer(options.server, output);
    return {
      loadMs: performance.now() - started,
      lineScores: capabilitiesOf(backend.state)?.lineScores ?? false,
      complete: (request, signal) => backend.complete(request, { signal }),
      scoreLines: (request, signal) => backend.scoreLines(request, { signal }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const session = await openSession(options, output);
  const { handlers } = session.engine;
  const onProgress = () => undefined;
  return {
    loadMs: session.model.info.loadMs,
    lineScores: true,
    complete: (request, signal) => handlers.complete(request, { signal, onProgress }),
    scoreLines: (request, signal) => handlers.scoreLines(request, { signal, onProgress }),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

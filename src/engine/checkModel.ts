import type { ModelFiles } from "../formats/byteSource";
import { sha256Of } from "../formats/sha256";
import { InputError } from "../generation/errors";
import { checkpointSampler } from "../generation/sampling/checkpointSampler";
import { checkTokens } from "../generation/validate";
import { type Independent, independentFile, parseIndependent } from "../gpt2/verification/checkpoints/independent";
import { publishedShape } from "../gpt2/verification/checkpoints/published";
import { type CheckpointReport, runCheckpoints } from "../gpt2/verification/checkpoints/run";
import type { Gpt2Config } from "../gpt2/config/config";
import { openModelFile } from "../gpt2/weights/modelFile";
import type { Gpt2Weights } from "../gpt2/weights/weights";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { tokenizerFor } from "../tokenizer/tokenizerFor";
import type { TappedModelWithWeights } from "./openModel";
import type { CheckpointProgress, CheckpointsRequest } from "./protocol";

/** How a run of the checkpoints is observed and stopped. */
export interface CheckControl {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: CheckpointProgress) => void;
  /** Lets requests of higher priority run first. */
  readonly pause: () => Promise<void>;
}

const defaultPrompt = "Hello.";
/** Tokens that the end-to-end checkpoint generates. */
const continuationLength = 10;

/**
 * Runs the twelve checkpoints on a model that was opened with taps.
 * @throws InputError when the prompt does not fit the model; the signal's reason when it was aborted
 */
export async function checkModel(
  { model, weights, reference, adapter, files }: TappedModelWithWeights,
  request: CheckpointsRequest,
  { signal, onProgress, pause }: CheckControl,
): Promise<CheckpointReport> {
  const tokens = checkpointTokens(request, tokenizerFor(weights.config, weights.vocabulary), model.config);
  const adapterName = request.adapter ?? adapter?.name;
  let done = 0;
  return runCheckpoints({
    name: adapterName === undefined ? files.name : `${files.name} with the adapter ${adapterName}`,
    model,
    sampler: checkpointSampler,
    weights: reference,
    tokens,
    count: continuationLength,
    // What is known of the model's files does not hold with an adapter.
    ...(adapter
      ? { published: [] }
      : {
          sha256: await publishedHash(files, model.config, { signal, pause }),
          independent: await independentValues(files, weights),
        }),
    signal,
    pause,
    onProgress: (share) => onProgress({ share: (done = share) }),
    onResult: (result) => onProgress({ share: done, result }),
  });
}

/** The tokens of the checkpoints' prompt. @throws InputError when they do not fit the model */
export function checkpointTokens(
  { prompt, tokens }: CheckpointsRequest,
  tokenizer: Tokenizer,
  config: Gpt2Config,
): readonly number[] {
  const { vocabSize, contextLength } = config;
  const ids = tokens ?? tokenizer.encode(prompt ?? defaultPrompt);
  if (ids.length === 0) throw new InputError("The checkpoints need a prompt of at least one token.");
  checkTokens(ids, vocabSize);
  const most = contextLength - continuationLength;
  if (most < 1) {
    throw new InputError(
      `The model's context of ${contextLength} is too short for the checkpoints, which need ${continuationLength + 1}.`,
    );
  }
  if (ids.length > most) {
    throw new InputError(`The prompt has ${ids.length} tokens; the checkpoints of this model take at most ${most}.`);
  }
  return ids;
}

/** The SHA-256 of the weights file, if the model has the shape of one whose hash is published. */
async function publishedHash(
  files: ModelFiles,
  config: Gpt2Config,
  { signal, pause }: Pick<CheckControl, "signal" | "pause">,
): Promise<string | undefined> {
  if (!publishedShape(config)?.sha256.length) return undefined;
  const { file } = await openModelFile(files);
  await using opened = file;
  const [source, another] = opened.sources;
  if (source === undefined || another !== undefined) return undefined;
  return await sha256Of(source, async () => {
    await pause();
    signal.throwIfAborted();
  });
}

/** Values of another implementation for this model, if a file with them is in its folder. */
async function independentValues(files: ModelFiles, weights: Gpt2Weights): Promise<Independent | undefined> {
  if (!files.names.includes(independentFile)) return undefined;
  await using source = await files.open(independentFile);
  const json = new TextDecoder().decode(await source.read(0, source.size));
  return { values: parseIndependent(json), weights };
}

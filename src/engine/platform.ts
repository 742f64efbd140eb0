import type { ModelFiles } from "../formats/byteSource";
import { MemoryFiles } from "../formats/memory";
import type { PreparedWeightsCache } from "../gpt2/weights/preparedWeightsCache";
import type { Backend } from "../gpt2/backends/backend";
import type { PartLink } from "./parts/remotePart";
import type { BackendId } from "../gpt2/languageModel";
import { withPauses } from "../gpt2/weights/pausingWeights";
import type { ModelLocation } from "./protocol";

/** What the engine needs from the JavaScript host that it runs in. */
export interface EnginePlatform {
  /** What models can be run on here, in order of preference. */
  readonly backends: readonly Backend[];
  /** The machine's processor, as far as the host says what it is. */
  readonly processor: string;
  /** @throws ModelFileError when nothing that can be opened is there. */
  openFiles(location: ModelLocation): Promise<ModelFiles>;
  /** Opens a cache of prepared weights in a folder; undefined where there are no folders. */
  readonly openCache: ((folder: string) => PreparedWeightsCache) | undefined;
  /** Starts a worker for a part of a model that is split; undefined where all parts are in the engine's own thread. */
  readonly spawnPart?: () => Promise<PartLink>;
  /** Lets messages arrive that are already on their way; resolves right after. */
  yieldToHost(): Promise<void>;
}

/** The files of a model that came as bytes. */
export function filesFromBytes({ name, files }: Extract<ModelLocation, { kind: "bytes" }>): ModelFiles {
  return new MemoryFiles(name, new Map(files.map((file) => [file.name, file.bytes])));
}

/**
 * A platform with one backend, so that nothing is opened in its place where it is unavailable.
 * @param pause awaited between the tensors of a model that is opened; what it throws ends the opening
 */
export function onlyOn(
  platform: EnginePlatform,
  backend: BackendId,
  pause: () => Promise<void> = () => platform.yieldToHost(),
): EnginePlatform {
  const chosen = platform.backends.filter(({ id }) => id === backend);
  const backends = chosen.map((one): Backend => {
    const [openPart, openTappedPart] = [one.openPart?.bind(one), one.openTappedPart?.bind(one)];
    return {
      ...{ id: one.id, heap: one.heap },
      supports: (config, precision) => one.supports(config, precision),
      open: (weights, options) => one.open(withPauses(weights, pause), options),
      openTapped: (weights, options) => one.openTapped(withPauses(weights, pause), options),
      ...(openPart && { openPart: (weights, options) => openPart(withPauses(weights, pause), options) }),
      ...(openTappedPart && {
        openTappedPart: (weights, options) => openTappedPart(withPauses(weights, pause), options),
      }),
    };
  });
  return { ...platform, backends };
}

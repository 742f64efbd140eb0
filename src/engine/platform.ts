import type { ModelFiles } from "../formats/byteSource";
import { MemoryFiles } from "../formats/memory";
import type { PreparedWeightsCache } from "../gpt2/weights/preparedWeightsCache";
import type { Backend } from "../gpt2/backends/backend";
import type { ModelLocation } from "./protocol";

/** What the engine needs from the JavaScript host that it runs in. */
export interface EnginePlatform {
  /** What models can be run on here, in order of preference. */
  readonly backends: readonly Backend[];
  /** @throws ModelFileError when nothing that can be opened is there. */
  openFiles(location: ModelLocation): Promise<ModelFiles>;
  /** Opens a cache of prepared weights in a folder; undefined where there are no folders. */
  readonly openCache: ((folder: string) => PreparedWeightsCache) | undefined;
  /** Lets messages arrive that are already on their way; resolves right after. */
  yieldToHost(): Promise<void>;
}

/** The files of a model that came as bytes. */
export function filesFromBytes({ name, files }: Extract<ModelLocation, { kind: "bytes" }>): ModelFiles {
  return new MemoryFiles(name, new Map(files.map((file) => [file.name, file.bytes])));
}

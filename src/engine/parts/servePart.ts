import { BackendUnavailableError, ComputeError } from "../../gpt2/errors";
import type { SavedRows } from "../../gpt2/kvCache/storage";
import { cannotRunPart } from "../../gpt2/split/openSplit";
import type { ModelPart, PartBuffer, PartStep, TappedPart } from "../../gpt2/split/modelPart";
import { partWeights } from "../../gpt2/weights/partWeights";
import { toFailure } from "../errors";
import { openModelWeights } from "../modelWeights";
import type { EnginePlatform } from "../platform";
import type { FromPart, OpenedPart, OpenPartRequest, PartCalls, PartMethod, RemoteStep, ToPart } from "./protocol";

/** The worker's own end of its messages. */
export interface PartHost {
  post(message: FromPart, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: ToPart) => void): void;
}

/** Answers the calls of the engine to one part of a model, in the order in which they come. */
export function servePart(platform: EnginePlatform, host: PartHost): void {
  const served = new ServedPart(platform);
  let last = Promise.resolve();
  const answer = async ({ id, method, params }: ToPart) => {
    try {
      // Method and parameters match: both come from the same message.
      const value = await (served.handlers[method] as (params: unknown) => Promise<unknown>)(params);
      host.post(
        { id, value },
        method === "run" ? [(value as PartCalls["run"]["result"]).rows.buffer as ArrayBuffer] : [],
      );
    } catch (error) {
      host.post({ id, error: { ...toFailure(error), isUnavailable: error instanceof BackendUnavailableError } });
    }
  };
  host.onMessage((message) => {
    last = last.then(() => answer(message));
  });
}

/** The end of a call without a result. */
const done: Promise<undefined> = Promise.resolve(undefined);

type Handlers = { readonly [M in PartMethod]: (params: PartCalls[M]["params"]) => Promise<PartCalls[M]["result"]> };

class ServedPart {
  readonly #platform: EnginePlatform;
  readonly #buffers = new Map<number, PartBuffer>();
  readonly #saved = new Map<number, SavedRows<PartBuffer>>();
  #part: ModelPart | undefined;
  #tapped: TappedPart | undefined;

  constructor(platform: EnginePlatform) {
    this.#platform = platform;
  }

  readonly handlers: Handlers = {
    open: (request) => this.#open(request),
    allocate: async ({ buffer, capacity }) => {
      this.#buffers.set(buffer, await this.#opened().storage.allocate(capacity));
      return undefined;
    },
    addAdapter: async ({ name, adapter }) => {
      await this.#opened().addAdapter?.(name, adapter);
      return undefined;
    },
    removeAdapter: async ({ name }) => {
      await this.#opened().removeAdapter?.(name);
      return undefined;
    },
    run: async (step) => {
      const part = this.#opened();
      const rows = (await part.run(this.#stepOf(step))).slice();
      return { rows, heapBytes: part.heapBytes };
    },
    runTapped: async ({ step, taps }) => {
      if (!this.#tapped) throw new ComputeError("The part was opened without its inner tensors.");
      return this.#tapped.runTapped(this.#stepOf(step), taps);
    },
    copy: ({ from, to, rows }) => {
      this.#buffer(to).copyFrom(this.#buffer(from), rows);
      return done;
    },
    save: ({ buffer, saved, start, end }) => {
      this.#saved.set(saved, this.#buffer(buffer).save(start, end));
      return done;
    },
    restore: ({ buffer, saved }) => {
      this.#saved.get(saved)?.restore(this.#buffer(buffer));
      return done;
    },
    free: (what) => {
      const [map, number] = "buffer" in what ? [this.#buffers, what.buffer] : [this.#saved, what.saved];
      map.get(number)?.[Symbol.dispose]();
      map.delete(number);
      return done;
    },
    close: async () => {
      await this.#part?.[Symbol.asyncDispose]();
      return undefined;
    },
  };

  async #open(request: OpenPartRequest): Promise<OpenedPart> {
    const { range, backend: id, precision, threads, tapped, cacheFolder } = request;
    const backend = this.#platform.backends.find((one) => one.id === id);
    const opened = await openModelWeights(this.#platform, request);
    await using whole = opened.weights;
    const weights = partWeights(whole, range);
    const cache = cacheFolder === undefined ? undefined : this.#platform.openCache?.(cacheFolder);
    let cacheProblem: string | undefined;
    const onCacheError = (error: unknown) => void (cacheProblem = String(error));
    const options = { precision, threads, onCacheError, ...(cache && { cache }) };
    if (tapped) this.#part = this.#tapped = await backend?.openTappedPart?.(weights, options);
    else this.#part = await backend?.openPart?.(weights, options);
    if (!this.#part) throw cannotRunPart(id, tapped);
    const { info, heapBytes, storage, maxRows, canBranch } = this.#part;
    const { shape } = storage;
    const positionBytes = storage.bytesFor(shape.contextLength) / shape.contextLength;
    const canAdapt = this.#part.addAdapter !== undefined;
    const part = { info, heapBytes, shape, positionBytes, maxRows, canBranch, canAdapt };
    return { ...part, ...(cacheProblem !== undefined && { cacheProblem }) };
  }

  #opened(): ModelPart {
    if (!this.#part) throw new ComputeError("No part of a model is open.");
    return this.#part;
  }

  #buffer(number: number): PartBuffer {
    const buffer = this.#buffers.get(number);
    if (!buffer) throw new ComputeError(`There is no buffer ${number} for keys and values.`);
    return buffer;
  }

  #stepOf({ buffer, branches, ...step }: RemoteStep): PartStep {
    return {
      ...step,
      buffer: this.#buffer(buffer),
      ...(branches && { branches: branches.map(({ tail, length }) => ({ tail: this.#buffer(tail), length })) }),
    };
  }
}

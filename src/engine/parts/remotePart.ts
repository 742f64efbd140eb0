import type { LoraAdapter } from "../../gpt2/adapters/adapter";
import type { Gpt2Config } from "../../gpt2/config/config";
import { BackendUnavailableError, ComputeError, PartStoppedError } from "../../gpt2/errors";
import type { CacheShape, KvStorage, SavedRows } from "../../gpt2/kvCache/storage";
import type { ModelInfo } from "../../gpt2/languageModel";
import type { PartBuffer, PartStep, TappedPart } from "../../gpt2/split/modelPart";
import type { CheckpointTensors } from "../../gpt2/taps";
import { floatEmbeddings } from "../../gpt2/weights/embeddings";
import type { Embeddings } from "../../gpt2/weights/preparedWeights";
import { fromFailure } from "../errors";
import type { WorkerLink } from "../workerLink";
import type { FromPart, OpenedPart, OpenPartRequest, PartCalls, PartMethod, RemoteStep, ToPart } from "./protocol";

/** The worker of a part. */
export type PartLink = WorkerLink<ToPart, FromPart>;

/**
 * Opens a part of a model in a worker.
 * @param link the part's from now on
 * @param config that of the part
 * @param onCacheError called when the worker cannot use its cache of prepared weights
 * @throws what opening it there throws; the worker is ended then
 */
export async function openRemotePart(
  link: PartLink,
  config: Gpt2Config,
  request: OpenPartRequest,
  onCacheError?: (problem: string) => void,
): Promise<TappedPart> {
  const connection = new PartConnection(link);
  try {
    const { cacheProblem, ...opened } = await connection.call("open", request);
    if (cacheProblem !== undefined) onCacheError?.(cacheProblem);
    return new RemotePart(connection, config, opened);
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw error;
  }
}

/** The embeddings are in the first part, which is not in a worker. */
const noEmbeddings: Embeddings = {
  token: floatEmbeddings(new Float32Array(), 1),
  position: floatEmbeddings(new Float32Array(), 1),
};

/** A part of a model in a worker. Its buffers are there too; operations on them take effect in the order of the messages. */
class RemotePart implements TappedPart {
  readonly info: ModelInfo;
  readonly embeddings = noEmbeddings;
  readonly storage: RemoteStorage;
  readonly maxRows: number;
  readonly canBranch: boolean;
  readonly addAdapter?: (name: string, adapter: LoraAdapter) => Promise<void>;
  readonly removeAdapter?: (name: string) => Promise<void>;
  readonly #connection: PartConnection;
  #heapBytes: number;

  constructor(
    connection: PartConnection,
    readonly config: Gpt2Config,
    { info, heapBytes, shape, positionBytes, maxRows, canBranch, canAdapt }: OpenedPart,
  ) {
    this.#connection = connection;
    this.info = info;
    this.#heapBytes = heapBytes;
    this.storage = new RemoteStorage(connection, shape, positionBytes);
    this.maxRows = maxRows;
    this.canBranch = canBranch;
    if (!canAdapt) return;
    this.addAdapter = (name, adapter) => connection.call("addAdapter", { name, adapter });
    this.removeAdapter = (name) => connection.call("removeAdapter", { name });
  }

  get heapBytes(): number {
    return this.#heapBytes;
  }

  async run(step: PartStep): Promise<Float32Array> {
    const { rows, heapBytes } = await this.#connection.call("run", remoteStep(step));
    this.#heapBytes = heapBytes;
    return rows;
  }

  runTapped(step: PartStep, taps: readonly string[]): Promise<CheckpointTensors> {
    return this.#connection.call("runTapped", { step: remoteStep(step), taps });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

function remoteStep({ buffer, branches, x, ...step }: PartStep): RemoteStep {
  return {
    ...step,
    // A view of a heap would be sent with all of the heap.
    x: x.slice(),
    buffer: numberOf(buffer),
    ...(branches && { branches: branches.map(({ tail, length }) => ({ tail: numberOf(tail), length })) }),
  };
}

class RemoteStorage implements KvStorage<PartBuffer> {
  readonly #connection: PartConnection;
  readonly #positionBytes: number;
  #buffers = 0;

  constructor(
    connection: PartConnection,
    readonly shape: CacheShape,
    positionBytes: number,
  ) {
    this.#connection = connection;
    this.#positionBytes = positionBytes;
  }

  bytesFor(capacity: number): number {
    return capacity * this.#positionBytes;
  }

  async allocate(capacity: number): Promise<RemoteBuffer> {
    const buffer = this.#buffers++;
    await this.#connection.call("allocate", { buffer, capacity });
    return new RemoteBuffer(this.#connection, buffer, capacity);
  }
}

class RemoteBuffer implements PartBuffer {
  readonly #connection: PartConnection;

  constructor(
    connection: PartConnection,
    readonly number: number,
    readonly capacity: number,
  ) {
    this.#connection = connection;
  }

  copyFrom(source: PartBuffer, rows: number): void {
    this.#connection.send("copy", { from: numberOf(source), to: this.number, rows });
  }

  save(start: number, end: number): SavedRows<PartBuffer> {
    const connection = this.#connection;
    const saved = connection.nextNumber();
    connection.send("save", { buffer: this.number, saved, start, end });
    return {
      restore: (buffer) => connection.send("restore", { buffer: numberOf(buffer), saved }),
      [Symbol.dispose]: () => connection.send("free", { saved }),
    };
  }

  [Symbol.dispose](): void {
    this.#connection.send("free", { buffer: this.number });
  }
}

/** @throws TypeError for the buffer of another part */
function numberOf(buffer: PartBuffer): number {
  if (buffer instanceof RemoteBuffer) return buffer.number;
  throw new TypeError("The buffer is not in a worker.");
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Calls to the worker of a part. */
class PartConnection implements AsyncDisposable {
  readonly #link: PartLink;
  readonly #pending = new Map<number, Pending>();
  #numbers = 0;
  /** Why no call is answered any more. */
  #ended: Error | undefined;
  /** Of a call that nobody waited for: the part's buffers are not what they should be. */
  #failure: Error | undefined;

  constructor(link: PartLink) {
    this.#link = link;
    link.onMessage((message) => this.#receive(message));
    link.onDeath((reason) => this.#end(new PartStoppedError(reason)));
  }

  nextNumber(): number {
    return this.#numbers++;
  }

  /** @throws what the worker's handler threw; ComputeError when the worker has ended */
  call<M extends PartMethod>(method: M, params: PartCalls[M]["params"]): Promise<PartCalls[M]["result"]> {
    const problem = this.#ended ?? (method === "close" ? undefined : this.#failure);
    if (problem) return Promise.reject(problem);
    const id = this.nextNumber();
    return new Promise<PartCalls[M]["result"]>((resolve, reject) => {
      // The parameters fit the method: both come from the same M. What cannot be sent is thrown, and rejects.
      this.#link.post({ id, method, params } as ToPart);
      this.#pending.set(id, { resolve, reject });
    });
  }

  /** A call that nobody waits for. If it fails, so does every call after it but closing. */
  send<M extends PartMethod>(method: M, params: PartCalls[M]["params"]): void {
    this.call(method, params).catch((error: unknown) => {
      this.#failure ??= error instanceof Error ? error : new ComputeError(String(error));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The threads of a part end by themselves only when it is closed.
    await this.call("close", undefined).catch(() => undefined);
    this.#end(new ComputeError("The model was closed."));
    await this.#link[Symbol.asyncDispose]();
  }

  #receive(message: FromPart): void {
    const call = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ("error" in message) call?.reject(errorOf(message.error));
    else call?.resolve(message.value as never);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of calls) reject(error);
  }
}

/** Errors of computing keep their class, for the engine replaces a backend that is unavailable. */
function errorOf(failure: Extract<FromPart, { error: unknown }>["error"]): Error {
  if (failure.isUnavailable) return new BackendUnavailableError(failure.message, failure.detail);
  return failure.type === "EngineError" ? new ComputeError(failure.message, failure.detail) : fromFailure(failure);
}

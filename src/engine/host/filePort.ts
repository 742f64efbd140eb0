import type { ByteSource, ModelFiles } from "../../formats/byteSource";
import { ModelFileError } from "../../formats/errors";
import { fromFailure, toFailure } from "../errors";
import type { EngineFailure } from "../protocol";

/** What a worker that cannot read files asks of one who can. */
export type FileRequest =
  | { readonly kind: "model"; readonly path: string }
  | { readonly kind: "open"; readonly path: string; readonly file: string }
  | { readonly kind: "read"; readonly source: number; readonly offset: number; readonly length: number }
  | { readonly kind: "close"; readonly source: number };

/** A request with the number that its answer has. */
export interface NumberedRequest {
  readonly id: number;
  readonly request: FileRequest;
}

interface Model {
  readonly name: string;
  readonly names: readonly string[];
}

interface OpenedSource {
  readonly source: number;
  readonly size: number;
}

/** The answer to a {@link FileRequest}: in the order of its kinds, a model, an open file, bytes, nothing. */
export type FileAnswer =
  | { readonly id: number; readonly value: Model | OpenedSource | Uint8Array | undefined }
  | { readonly id: number; readonly error: EngineFailure };

/**
 * Bytes that one message carries. A webview's messages go through the editor's window, which a long one would keep from drawing.
 */
const chunkBytes = 4 * 2 ** 20;

/** Chunks of a tensor that are on their way at once, so that reading and sending overlap. */
const chunksAhead = 4;

/** Answers requests for model files. Disposing it closes what was left open. */
export class FileServer implements AsyncDisposable {
  readonly #openPath: (path: string) => Promise<ModelFiles>;
  readonly #sources = new Map<number, ByteSource>();
  #next = 1;
  #disposed = false;

  constructor(openPath: (path: string) => Promise<ModelFiles>) {
    this.#openPath = openPath;
  }

  /** Never throws: what goes wrong is the answer. */
  async answer({ id, request }: NumberedRequest): Promise<FileAnswer> {
    try {
      return { id, value: await this.#answer(request) };
    } catch (error) {
      return { id, error: toFailure(error) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const open = [...this.#sources.values()];
    this.#sources.clear();
    for (const source of open) await source[Symbol.asyncDispose]();
  }

  async #answer(request: FileRequest): Promise<Model | OpenedSource | Uint8Array | undefined> {
    switch (request.kind) {
      case "model": {
        const { name, names } = await this.#openPath(request.path);
        return { name, names };
      }
      case "open": {
        const source = await (await this.#openPath(request.path)).open(request.file);
        if (this.#disposed) {
          await source[Symbol.asyncDispose]();
          throw new ModelFileError(`${source.name} is not needed any more.`);
        }
        const number = this.#next++;
        this.#sources.set(number, source);
        return { source: number, size: source.size };
      }
      case "read":
        return this.#source(request.source).read(request.offset, request.length);
      case "close": {
        const source = this.#source(request.source);
        this.#sources.delete(request.source);
        await source[Symbol.asyncDispose]();
        return undefined;
      }
    }
  }

  #source(number: number): ByteSource {
    const source = this.#sources.get(number);
    if (!source) throw new ModelFileError("The file is not open any more.");
    return source;
  }
}

/** Asks for model files through a port, whose other end has them answered by a {@link FileServer}. */
export class FileClient {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  #next = 1;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<FileAnswer>) => {
      const call = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("error" in data) call?.reject(fromFailure(data.error));
      else call?.resolve(data.value as never);
    };
  }

  /** The model at a path. @throws ModelFileError when there is nothing there that can be opened */
  async model(path: string): Promise<ModelFiles> {
    const { name, names } = await this.#ask<Model>({ kind: "model", path });
    return {
      name,
      names,
      open: async (file) => {
        const { source, size } = await this.#ask<OpenedSource>({ kind: "open", path, file });
        return this.#byteSource(file, source, size);
      },
    };
  }

  #byteSource(file: string, source: number, size: number): ByteSource {
    return {
      name: file.slice(file.lastIndexOf("/") + 1),
      size,
      read: (offset, length, into) => this.#read(source, offset, length, into),
      [Symbol.asyncDispose]: () => this.#ask<undefined>({ kind: "close", source }),
    };
  }

  async #read(source: number, offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    if (length <= chunkBytes) return this.#ask<Uint8Array>({ kind: "read", source, offset, length });
    const bytes = into?.subarray(0, length) ?? new Uint8Array(length);
    let next = 0;
    const readSome = async () => {
      while (next < length) {
        const start = next;
        next += chunkBytes;
        const part = Math.min(chunkBytes, length - start);
        bytes.set(await this.#ask<Uint8Array>({ kind: "read", source, offset: offset + start, length: part }), start);
      }
    };
    await Promise.all(Array.from({ length: chunksAhead }, readSome));
    return bytes;
  }

  #ask<T>(request: FileRequest): Promise<T> {
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.postMessage({ id, request } satisfies NumberedRequest);
    });
  }
}

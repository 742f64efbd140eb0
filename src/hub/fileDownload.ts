import type { HubClient, HubResponse } from "./client";
import { DownloadError } from "./errors";
import type { HubFile } from "./repository";
import { type RetryPolicy, withRetries } from "./retry";
import { identityOf, parseIdentity, rangeStart, totalBytes } from "./responseIdentity";
import { type Hasher, type ModelStorage, readText } from "./storage";

export interface FileDownloadOptions {
  readonly client: HubClient;
  readonly storage: ModelStorage;
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  /** Bytes of this file that are there now. */
  readonly onBytes: (bytes: number) => void;
  readonly onRetry: (error: DownloadError, delayMs: number) => void;
}

/** Where a file comes from and goes to. */
export interface FileTransfer {
  readonly file: HubFile;
  /** `OWNER/NAME`. */
  readonly repository: string;
  /** Below the endpoint. */
  readonly source: string;
  /** In the storage. */
  readonly target: string;
}

/** Where a file is kept until it is complete. */
function partialPath(target: string): string {
  return `${target}.partial`;
}

/** Bytes of a file that are in the storage, complete or not. */
export async function bytesThere(storage: ModelStorage, target: string): Promise<number> {
  return (await storage.size(target)) ?? (await storage.size(partialPath(target))) ?? 0;
}

/**
 * Downloads a file, or the rest of one that was interrupted. It appears at its target when it is complete and has the right hash.
 * @returns bytes of the file
 * @throws DownloadError; what was received stays for the next time unless its hash is wrong. The signal's reason when cancelled.
 */
export async function downloadFile(transfer: FileTransfer, options: FileDownloadOptions): Promise<number> {
  const { storage, policy, signal, onRetry, onBytes } = options;
  const { target } = transfer;
  const there = await storage.size(target);
  if (there !== undefined && (transfer.file.size ?? there) === there) {
    onBytes(there);
    return there;
  }
  const download = new PartialDownload(transfer, options);
  await download.resume();
  const progress = () => download.received;
  await withRetries(() => download.receive(), { policy, signal, progress, onRetry });
  await download.finish();
  return download.length;
}

/** A file of which the first bytes are in the storage. */
class PartialDownload {
  readonly #transfer: FileTransfer;
  readonly #options: FileDownloadOptions;
  readonly #path: string;
  readonly #identityPath: string;
  #hash: Hasher;
  /** Bytes in the storage. */
  #length = 0;
  /** All bytes that were received, also those that were thrown away. */
  #received = 0;
  #expectedHash: string | undefined;
  #total: number | undefined;

  constructor(transfer: FileTransfer, options: FileDownloadOptions) {
    this.#transfer = transfer;
    this.#options = options;
    this.#path = partialPath(transfer.target);
    this.#identityPath = `${this.#path}.json`;
    this.#hash = options.storage.sha256();
    this.#expectedHash = transfer.file.sha256;
    this.#total = transfer.file.size;
  }

  get received(): number {
    return this.#received;
  }

  get length(): number {
    return this.#length;
  }

  /** Reads what an earlier download left, for its hash. */
  async resume(): Promise<void> {
    const { storage, signal } = this.#options;
    const size = (await storage.size(this.#path)) ?? 0;
    if (size === 0) return;
    if (size > (this.#total ?? Infinity)) return this.#startOver();
    for await (const bytes of storage.read(this.#path)) {
      signal.throwIfAborted();
      this.#hash.update(bytes);
      this.#length += bytes.length;
    }
    this.#options.onBytes(this.#length);
  }

  /** Receives what is missing. @throws DownloadError when the transfer ends early */
  async receive(): Promise<void> {
    if (this.#length > 0 && this.#length === this.#total) return;
    const response = await this.#request();
    try {
      this.#expectedHash ??= hashOf(response);
      this.#setTotal(totalBytes(response));
      await this.#options.storage.write(this.#identityPath, encode({ identity: identityOf(response) }));
      await this.#append(response);
    } finally {
      response.cancel();
    }
    if (this.#total !== undefined && this.#length < this.#total) {
      throw new DownloadError("connection", `The transfer of ${this.#transfer.file.name} broke off.`);
    }
  }

  /** Checks the whole file and puts it where it belongs. */
  async finish(): Promise<void> {
    const { storage } = this.#options;
    const { target, file } = this.#transfer;
    const hash = this.#hash.digest();
    if (this.#expectedHash !== undefined && hash !== this.#expectedHash) {
      await this.#discard();
      throw new DownloadError(
        "damaged",
        `${file.name} arrived with another content than announced (SHA-256 ${hash.slice(0, 12)}… in place of ` +
          `${this.#expectedHash.slice(0, 12)}…) and was deleted. Download it again; if that happens twice, check proxy and mirror.`,
      );
    }
    // An empty file has no part.
    if (this.#length === 0) await storage.write(this.#path, new Uint8Array(0));
    await storage.rename(this.#path, target);
    await storage.remove(this.#identityPath);
  }

  /** Requests the file from where it ends here; once more from the start where the server has another file by now. */
  async #request(): Promise<HubResponse> {
    const { client, signal } = this.#options;
    const { source, file, repository } = this.#transfer;
    const headers = await this.#rangeHeaders();
    const response = await client.open(source, `${repository}/${file.name}`, headers, signal);
    if (response.status === 200 && this.#length === 0) return response;
    if (response.status === 206 && rangeStart(response) === this.#length) return response;
    if (response.status === 200) {
      // The file has changed, or the server knows no ranges.
      await this.#startOver();
      return response;
    }
    response.cancel();
    await this.#startOver();
    if (headers["range"] !== undefined) return this.#request();
    throw new DownloadError("unexpected", `The server does not send ${file.name} (status ${response.status}).`);
  }

  async #rangeHeaders(): Promise<Record<string, string>> {
    if (this.#length === 0) return {};
    const identity = await this.#storedIdentity();
    return { range: `bytes=${this.#length}-`, ...(identity !== undefined && { "if-range": identity }) };
  }

  async #storedIdentity(): Promise<string | undefined> {
    const { storage } = this.#options;
    if ((await storage.size(this.#identityPath)) === undefined) return undefined;
    return parseIdentity(await readText(storage, this.#identityPath));
  }

  async #append({ body }: HubResponse): Promise<void> {
    const { storage, onBytes } = this.#options;
    await using file = await storage.append(this.#path);
    for await (const bytes of body) {
      if (this.#length + bytes.length > (this.#total ?? Infinity)) throw this.#tooLong();
      await file.write(bytes);
      this.#hash.update(bytes);
      this.#length += bytes.length;
      this.#received += bytes.length;
      onBytes(this.#length);
    }
  }

  #setTotal(announced: number | undefined): void {
    if (announced === undefined) return;
    if (this.#total !== undefined && announced !== this.#total) throw this.#tooLong();
    this.#total = announced;
  }

  #tooLong(): DownloadError {
    const { name } = this.#transfer.file;
    return new DownloadError("unexpected", `The server sends ${name} with another length than the hub announced.`);
  }

  async #startOver(): Promise<void> {
    await this.#discard();
    this.#hash = this.#options.storage.sha256();
    this.#length = 0;
    this.#options.onBytes(0);
  }

  async #discard(): Promise<void> {
    await this.#options.storage.remove(this.#path);
    await this.#options.storage.remove(this.#identityPath);
  }
}

/** The SHA-256 that the hub names for a large file. */
function hashOf({ hubHeaders }: HubResponse): string | undefined {
  const [, hash] = /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(hubHeaders.get("x-linked-etag") ?? "") ?? [];
  return hash;
}

function encode(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

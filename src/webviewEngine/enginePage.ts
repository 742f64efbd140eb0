import { FileServer } from "../engine/host/filePort";
import type { ToHost, ToWorker } from "../engine/protocol";
import type { WorkerLink } from "../engine/workerLink";
import type { ModelFiles } from "../formats/byteSource";
import { BackendUnavailableError } from "../gpt2/errors";
import type { FromPage, ToPage } from "./protocol";

/** Milliseconds in which a page has to load and start a worker. */
const startLimitMs = 60_000;

export interface EnginePageOptions {
  readonly post: (message: ToPage) => void;
  readonly openPath: (path: string) => Promise<ModelFiles>;
  /** In milliseconds; for tests. */
  readonly startLimitMs?: number;
}

/** The extension host's side of a page that hosts the engine's worker: starts workers in it, and notices when they are gone. */
export class EnginePage {
  readonly #options: EnginePageOptions;
  /** Resolves when the page has loaded for the first time. */
  readonly loaded: Promise<void>;
  #onLoaded: () => void = () => undefined;
  #isLoaded = false;
  #closed = false;
  #session: Session | undefined;
  #sessions = 0;

  constructor(options: EnginePageOptions) {
    this.#options = options;
    this.loaded = new Promise((resolve) => (this.#onLoaded = resolve));
  }

  /**
   * Starts a worker; one that runs is ended.
   * @throws BackendUnavailableError when the page is closed, does not load in time, or cannot start it
   */
  async start(): Promise<WorkerLink> {
    const { post, openPath } = this.#options;
    const before = this.#session;
    const session = new Session(++this.#sessions, post, openPath);
    this.#session = session;
    await before?.[Symbol.asyncDispose]();
    if (this.#closed) session.end(closedReason);
    const limit = setTimeout(
      () => session.end("The page of the WebGPU engine did not load."),
      this.#options.startLimitMs ?? startLimitMs,
    );
    try {
      await Promise.race([this.loaded.then(() => session.start()), session.ended]);
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    } finally {
      clearTimeout(limit);
    }
  }

  receive(message: FromPage): void {
    if (message.kind !== "loaded") {
      if (message.session === this.#session?.number) this.#session.receive(message);
      return;
    }
    // A page that loads a second time was reloaded, and its worker is gone.
    if (this.#isLoaded) this.#session?.end("The page of the WebGPU engine was reloaded.");
    this.#isLoaded = true;
    this.#onLoaded();
  }

  /** The page is gone. */
  close(): void {
    this.#closed = true;
    this.#session?.end(closedReason);
  }
}

const closedReason = "The tab of the WebGPU engine was closed.";

/** The life of one worker in the page. */
class Session implements WorkerLink {
  readonly #post: (message: ToPage) => void;
  readonly #files: FileServer;
  /** Rejects when the worker is gone. */
  readonly ended: Promise<never>;
  #reject: (error: Error) => void = () => undefined;
  #onStarted: () => void = () => undefined;
  #onMessage: (message: ToHost) => void = () => undefined;
  #onDeath: ((reason: string) => void) | undefined;
  #over = false;
  #reason: string | undefined;

  constructor(
    readonly number: number,
    post: (message: ToPage) => void,
    openPath: (path: string) => Promise<ModelFiles>,
  ) {
    this.#post = post;
    this.#files = new FileServer(openPath);
    this.ended = new Promise((_, reject) => (this.#reject = reject));
    this.ended.catch(() => undefined);
  }

  /** Resolves when the worker runs. */
  start(): Promise<void> {
    const started = new Promise<void>((resolve) => (this.#onStarted = resolve));
    this.#send({ kind: "start", session: this.number });
    return started;
  }

  post(message: ToWorker): void {
    this.#send({ kind: "toWorker", session: this.number, message });
  }

  onMessage(listener: (message: ToHost) => void): void {
    this.#onMessage = listener;
  }

  onDeath(listener: (reason: string) => void): void {
    this.#onDeath = listener;
    if (this.#reason !== undefined) listener(this.#reason);
  }

  receive(message: Exclude<FromPage, { kind: "loaded" }>): void {
    if (this.#over) return;
    switch (message.kind) {
      case "started":
        this.#onStarted();
        break;
      case "fromWorker":
        this.#onMessage(message.message);
        break;
      case "file":
        void this.#files
          .answer(message.request)
          .then((answer) => this.#send({ kind: "file", session: this.number, answer }));
        break;
      case "died":
        this.end(`The WebGPU engine stopped unexpectedly: ${message.reason}.`);
        break;
    }
  }

  /** The worker is gone. */
  end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#reason = reason;
    this.#reject(new BackendUnavailableError(reason));
    this.#onDeath?.(reason);
    void this.#files[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) this.#send({ kind: "stop", session: this.number });
    // Whoever still waits for its start waits in vain.
    this.#reject(new BackendUnavailableError("The WebGPU engine was stopped before it had started."));
    this.#over = true;
    await this.#files[Symbol.asyncDispose]();
  }

  #send(message: ToPage): void {
    if (!this.#over) this.#post(message);
  }
}

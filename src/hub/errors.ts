/**
 * Why a download cannot go on: no permission (`access`), nothing there (`missing`), too many requests (`busy`), a fault of the server, no
 * or a broken connection, no space on the disk, a file with another content than announced (`damaged`), or an answer that is not a hub's.
 */
export type DownloadProblem =
  "access" | "missing" | "busy" | "server" | "connection" | "space" | "damaged" | "unexpected";

const transient: readonly DownloadProblem[] = ["busy", "server", "connection"];

/** A download that failed, with a message for a person. It never holds a token or the query of an address. */
export class DownloadError extends Error {
  override readonly name = "DownloadError";
  readonly problem: DownloadProblem;
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    problem: DownloadProblem,
    message: string,
    { retryAfterMs, cause }: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request may succeed a little later. */
  get isTransient(): boolean {
    return transient.includes(this.problem);
  }
}

/** A repository holds several models, and one of them must be named. */
export class SeveralModelsError extends DownloadError {
  readonly repository: string;
  /** The files that can be named. */
  readonly files: readonly string[];

  constructor(repository: string, files: readonly string[]) {
    const list = files.slice(0, 20).map((file) => `${repository}/${file}`);
    super("unexpected", `${repository} has several models. Name one of them: ${list.join(", ")}.`);
    this.repository = repository;
    this.files = files;
  }
}

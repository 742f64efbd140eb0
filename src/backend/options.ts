/** How a request is stopped. */
export interface RequestOptions {
  /** Stops the request, which then resolves with what it has so far. */
  readonly signal?: AbortSignal;
}

/** How long a text took, in milliseconds. */
export interface TextTimings {
  /** From the request to the end of the text. */
  readonly totalMs: number;
  /** From the request to the first text. */
  readonly firstTokenMs: number;
  /** The part of the total in which tokens were generated. */
  readonly decodeMs: number;
  readonly newTokens: number;
  /** Of a server: the part of the total that is not its own work. Undefined for the local engine, and where the server does not say. */
  readonly networkMs?: number;
}

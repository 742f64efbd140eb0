/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: FetchOptions) => Promise<FetchResponse>;

export interface FetchOptions {
  readonly method: "GET" | "POST";
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly redirect: "manual";
  readonly credentials: "omit";
  readonly cache: "no-store";
}

/** The part of `Response` that is used. */
export interface FetchResponse {
  readonly status: number;
  readonly type: string;
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
}

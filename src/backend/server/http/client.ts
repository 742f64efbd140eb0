import { parseRetryAfter } from "../../../hub/retryAfter";
import { ServerError } from "../errors";
import { type Deadline, deadlineOf } from "./deadline";
import { errorText, isWebPage } from "./errorText";
import { connectionError, isClosedEarly, statusError } from "./failure";
import type { Fetch, FetchOptions, FetchResponse } from "./fetch";
import { maxRetries, maxRetryAfterMs, retryDelay } from "./retry";

/** Bytes of an error or a JSON answer that are read. */
const maxErrorBytes = 1 << 14;
const maxJsonBytes = 1 << 24;
const maxRedirects = 3;

export interface HttpOptions {
  readonly fetch: Fetch;
  /** The address that paths are relative to. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly key: string | undefined;
  /** Milliseconds until the answer begins, and between two parts of it. */
  readonly timeoutMs: number;
}

export interface HttpRequest {
  /** Such as `v1/completions`. */
  readonly path: string;
  /** Sent as JSON with POST; without it the request is a GET. */
  readonly body?: object;
  /** Texts of the body that must not show in an error. */
  readonly secretTexts?: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** In place of {@link HttpOptions.timeoutMs}. */
  readonly timeoutMs?: number;
}

/**
 * Requests to one server. Key and headers go to its own host only: a redirect to another one is an error. A request that the server is too
 * busy for is repeated while there is time. All failures are {@link ServerError}s, except for an abort, which rejects with the reason of
 * the signal.
 */
export class HttpClient {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  get host(): string {
    return this.#options.url.host;
  }

  /** The error that a server reports within an answer. @param body as it came */
  answerError(body: string, { secretTexts = [] }: HttpRequest): ServerError {
    const text = errorText(body, this.#secrets(), secretTexts);
    return new ServerError("failed", `${this.host} failed in the middle of its answer. It says: ${text}`);
  }

  /** The answer as JSON. */
  async json(request: HttpRequest): Promise<unknown> {
    const text = await this.#withDeadline(request, async (deadline) => {
      return readText(await this.#open(request, deadline), maxJsonBytes, deadline);
    });
    try {
      return JSON.parse(text);
    } catch {
      throw this.#notJson(text);
    }
  }

  /** The pieces of the answer as they arrive. Ending the iteration early closes the connection, which stops the server. */
  async *stream(request: HttpRequest): AsyncGenerator<Uint8Array, void, undefined> {
    const deadline = deadlineOf(request.timeoutMs ?? this.#options.timeoutMs, request.signal);
    try {
      const response = await this.#open(request, deadline);
      yield* chunksOf(response, deadline);
    } catch (error) {
      throw this.#failure(error, deadline);
    } finally {
      deadline.end();
    }
  }

  async #withDeadline<T>(request: HttpRequest, run: (deadline: Deadline) => Promise<T>): Promise<T> {
    const deadline = deadlineOf(request.timeoutMs ?? this.#options.timeoutMs, request.signal);
    try {
      return await run(deadline);
    } catch (error) {
      throw this.#failure(error, deadline);
    } finally {
      deadline.end();
    }
  }

  /** The response to a request, once its status is 2xx and it is no web page. */
  async #open(request: HttpRequest, deadline: Deadline): Promise<FetchResponse> {
    for (let attempt = 0; ; attempt++) {
      const response = await this.#follow(request, deadline);
      if (response.status >= 200 && response.status < 300) {
        const type = response.headers.get("content-type") ?? "";
        if (!type.includes("text/html")) return response;
        throw this.#notJson(await readText(response, maxErrorBytes, deadline));
      }
      const error = await this.#statusError(response, request, deadline);
      if (error.problem !== "busy" || attempt >= maxRetries) throw error;
      const delay = retryDelay(attempt, error.retryAfterMs, Math.random());
      if (delay >= deadline.remainingMs) throw error;
      await deadline.pause(delay);
    }
  }

  /** Sends a request, and follows redirects within the host. */
  async #follow({ path, body }: HttpRequest, deadline: Deadline): Promise<FetchResponse> {
    const { url: base } = this.#options;
    let url = new URL(path, base);
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const response = await this.#send(url, {
        method: body === undefined ? "GET" : "POST",
        headers: this.#headers(body !== undefined),
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: deadline.signal,
        redirect: "manual",
        credentials: "omit",
        cache: "no-store",
      });
      // A browser does not tell where a redirect leads to.
      const isRedirect = response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400);
      if (!isRedirect) return response;
      await response.body?.cancel().catch(() => undefined);
      const location = response.headers.get("location");
      const target = location === null ? undefined : new URL(location, url);
      if (target?.origin !== base.origin) throw this.#redirectError(target?.host);
      url = target;
    }
    throw new ServerError("redirect", `${this.host} redirects again and again.`);
  }

  async #send(url: URL, options: FetchOptions): Promise<FetchResponse> {
    const { fetch } = this.#options;
    try {
      return await fetch(url.href, options);
    } catch (error) {
      if (options.signal.aborted || !isClosedEarly(error)) throw error;
      return fetch(url.href, options);
    }
  }

  #headers(hasBody: boolean): Record<string, string> {
    const { headers, key } = this.#options;
    return {
      accept: "application/json, text/event-stream, application/x-ndjson",
      ...(hasBody && { "content-type": "application/json" }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...headers,
    };
  }

  async #statusError(
    response: FetchResponse,
    { secretTexts = [] }: HttpRequest,
    deadline: Deadline,
  ): Promise<ServerError> {
    const body = await readText(response, maxErrorBytes, deadline);
    const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), Date.now(), maxRetryAfterMs);
    return statusError(response.status, this.host, errorText(body, this.#secrets(), secretTexts), retryAfterMs);
  }

  #secrets(): string[] {
    const { headers, key } = this.#options;
    return [...Object.values(headers), ...(key === undefined ? [] : [key])];
  }

  #notJson(text: string): ServerError {
    const what = isWebPage(text) ? "a web page" : "something else";
    return new ServerError(
      "notJson",
      `${this.host} answers with ${what} instead of JSON. Check gpt2.server.url and gpt2.server.kind.`,
    );
  }

  #redirectError(host: string | undefined): ServerError {
    const where = host ?? "another address";
    return new ServerError(
      "redirect",
      `${this.host} redirects to ${where}. Nothing was sent there. If that is right, set gpt2.server.url to it.`,
    );
  }

  #failure(error: unknown, deadline: Deadline): unknown {
    if (error instanceof ServerError) return error;
    if (deadline.isAborted) return deadline.signal.reason;
    if (deadline.isLate) return new ServerError("late", `${this.host} has not answered in time.`);
    if (deadline.hasBegun) return new ServerError("cut", `${this.host} ended its answer in the middle.`);
    return connectionError(error, this.host);
  }
}

async function* chunksOf(response: FetchResponse, deadline: Deadline): AsyncGenerator<Uint8Array, void, undefined> {
  if (!response.body) return;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      deadline.extend();
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The body as text, cut after `maxBytes`. */
async function readText(response: FetchResponse, maxBytes: number, deadline: Deadline): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of chunksOf(response, deadline)) {
    text += decoder.decode(chunk, { stream: true });
    bytes += chunk.length;
    if (bytes >= maxBytes) break;
  }
  return text + decoder.decode();
}

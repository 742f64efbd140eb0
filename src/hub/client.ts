import { type JsonObject, parseJsonObject } from "../formats/json";
import { addressOn, mayAuthorize } from "./endpoint";
import { DownloadError } from "./errors";
import { failureOf } from "./failures";
import { joinBytes } from "./joinBytes";
import { inTime } from "./timeouts";

export interface HubClientOptions {
  readonly endpoint: URL;
  /** A Hugging Face access token. It is sent to the endpoint only. */
  readonly token?: string | undefined;
  /** Instead of the host's, for tests. */
  readonly fetch?: typeof fetch;
  /**
   * `checked`: each redirect is followed here, so that the token goes to no other host. `unchecked`: the host follows redirects unseen, as
   * browsers do; the token is then not sent at all.
   */
  readonly redirects?: "checked" | "unchecked";
  /** Longest time without a byte. 30 s unless given. */
  readonly stallMs?: number;
}

/** An answer whose body is still to be read. */
export interface HubResponse {
  readonly status: number;
  /** Of the host that sends the body. */
  readonly headers: Headers;
  /** Of the hub itself, which may have redirected to another host. */
  readonly hubHeaders: Headers;
  /** Throws a DownloadError when the connection breaks or stalls. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the transfer. */
  cancel(): void;
}

const mostRedirects = 8;
const jsonLimits = { bytes: 8 << 20, values: 500_000 };

/** Requests to a Hugging Face hub or a mirror of one. */
export class HubClient {
  readonly endpoint: URL;
  readonly #options: HubClientOptions;

  constructor(options: HubClientOptions) {
    this.endpoint = options.endpoint;
    this.#options = options;
  }

  /**
   * Requests a JSON object.
   * @param path below the endpoint, with a query
   * @param what is requested, for messages
   * @throws DownloadError
   */
  async json(path: string, what: string, signal: AbortSignal): Promise<JsonObject> {
    const [pathname = "", query = ""] = path.split("?");
    const url = addressOn(this.endpoint, pathname);
    url.search = query;
    const { body } = await this.#request(url, what, {}, signal);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of body) {
      parts.push(part);
      length += part.length;
      if (length > jsonLimits.bytes) break;
    }
    try {
      return parseJsonObject(joinBytes(parts, length), what, jsonLimits);
    } catch (error) {
      const message = `${this.endpoint.host} does not answer as a Hugging Face hub does. Check the setting gpt2.models.endpoint and the proxy.`;
      throw new DownloadError("unexpected", message, { cause: error });
    }
  }

  /**
   * Requests a file.
   * @param path below the endpoint
   * @param what is requested, for messages
   * @param headers such as `range`
   * @throws DownloadError for a status other than 200, 206 and 416
   */
  open(path: string, what: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    // A compressed body would have another length than the file.
    return this.#request(addressOn(this.endpoint, path), what, { "accept-encoding": "identity", ...headers }, signal);
  }

  async #request(
    first: URL,
    what: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HubResponse> {
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    let url = first;
    let hubHeaders: Headers | undefined;
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const response = await this.#send(url, headers, either, signal, () => ended.abort());
      hubHeaders ??= response.headers;
      const target = redirectTarget(response, url);
      if (target === undefined) {
        if (![200, 206, 416].includes(response.status)) {
          await response.body?.cancel().catch(() => undefined);
          throw failureOf(response, { what, host: url.host, endpoint: this.endpoint, hasToken: this.#hasToken });
        }
        const body = this.#body(response, url.host, signal, () => ended.abort());
        return { status: response.status, headers: response.headers, hubHeaders, body, cancel: () => ended.abort() };
      }
      await response.body?.cancel().catch(() => undefined);
      url = target;
    }
    throw new DownloadError("unexpected", `${first.host} redirects ${what} in circles.`);
  }

  get #hasToken(): boolean {
    return this.#options.token !== undefined && this.#options.redirects !== "unchecked";
  }

  async #send(
    url: URL,
    headers: Readonly<Record<string, string>>,
    either: AbortSignal,
    signal: AbortSignal,
    end: () => void,
  ): Promise<Response> {
    const { fetch: send = fetch, token, redirects = "checked", stallMs = 30_000 } = this.#options;
    const authorized = this.#hasToken && mayAuthorize(this.endpoint, url);
    const request = send(url, {
      headers: { ...headers, ...(authorized && { authorization: `Bearer ${token}` }) },
      redirect: redirects === "checked" ? "manual" : "follow",
      credentials: "omit",
      signal: either,
    });
    try {
      return await inTime(request, stallMs, url.host, end);
    } catch (error) {
      throw connectionError(error, url.host, signal);
    }
  }

  async *#body(response: Response, host: string, signal: AbortSignal, end: () => void): AsyncGenerator<Uint8Array> {
    const reader = response.body?.getReader();
    if (reader === undefined) return;
    try {
      for (;;) {
        const { done, value } = await inTime(reader.read(), this.#options.stallMs ?? 30_000, host, end);
        if (done) return;
        yield value;
      }
    } catch (error) {
      throw connectionError(error, host, signal);
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }
}

/** Where a response redirects to; undefined if it does not. @throws DownloadError for an address that must not be followed */
function redirectTarget(response: Response, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined;
  const location = response.headers.get("location") ?? "";
  const target = location !== "" && URL.canParse(location, from) ? new URL(location, from) : undefined;
  const isSecure = target?.protocol === "https:" || (target?.protocol === "http:" && from.protocol === "http:");
  if (target !== undefined && isSecure) return target;
  throw new DownloadError("unexpected", `${from.host} redirects to an address that is not safe to follow.`);
}

/** @throws the signal's reason if the transfer was cancelled */
function connectionError(error: unknown, host: string, signal: AbortSignal): DownloadError {
  signal.throwIfAborted();
  if (error instanceof DownloadError) return error;
  const { message, cause } = error instanceof Error ? error : { message: String(error), cause: undefined };
  const why = cause instanceof Error ? cause.message || cause.name : message;
  return new DownloadError("connection", `The connection to ${host} failed (${why}).`, { cause: error });
}

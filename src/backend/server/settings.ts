import { ServerError } from "./errors";

/** The kinds of servers that are known; each has a protocol in `protocols/registry.ts`. */
export const serverKinds = ["openai", "llama.cpp", "ollama"] as const;
export type ServerKind = (typeof serverKinds)[number];

/** Which server completes, and how it is asked. */
export interface ServerSettings {
  /** The address without the path of the API; see {@link parseServerUrl}. */
  readonly url: URL;
  readonly kind: ServerKind | "auto";
  /** The model's name on the server; empty for the one that the server lists first. */
  readonly model: string;
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as a bearer token. */
  readonly key: string | undefined;
  /** `auto`, `none`, `infill`, the name of a family, or a template; see `fim/families.ts`. */
  readonly template: string;
  /** Milliseconds until the first text, and between two parts of it. */
  readonly timeoutMs: number;
}

/**
 * Parses the address of a server. The path of the API may be given with it, as in `http://host:8000/v1`, and is removed.
 * @throws ServerError for what is no address, and for one that contains a password
 */
export function parseServerUrl(text: string): URL {
  const trimmed = text.trim();
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
  } catch {
    throw new ServerError("settings", "The setting gpt2.server.url is not an address such as http://localhost:8080.");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ServerError("settings", "The setting gpt2.server.url must begin with http:// or https://.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new ServerError(
      "settings",
      "The setting gpt2.server.url contains a password. Remove it, and use “GPT-2: Set Server Key”.",
    );
  }
  url.search = "";
  url.hash = "";
  url.pathname = url.pathname.replace(/\/(v1(\/completions)?|completions?|infill|api(\/generate)?)\/?$/, "");
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** Whether requests to the server leave the machine unencrypted. */
export function isUnencrypted(url: URL): boolean {
  return url.protocol === "http:" && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}

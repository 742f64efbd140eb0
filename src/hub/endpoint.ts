import { DownloadError } from "./errors";

/** Where models come from unless the settings or `HF_ENDPOINT` name a mirror. */
export const defaultEndpoint = "https://huggingface.co";

/**
 * Parses the address of a hub.
 * @throws DownloadError when it is not an http or https address
 */
export function parseEndpoint(text: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url === undefined || !["https:", "http:"].includes(url.protocol) || url.username !== "" || url.search !== "") {
    throw new DownloadError(
      "unexpected",
      `“${text}” is not the address of a model hub. Write one such as ${defaultEndpoint}.`,
    );
  }
  return url;
}

/** The address of a path below the hub's. */
export function addressOn(endpoint: URL, path: string): URL {
  const url = new URL(endpoint);
  url.pathname = `${endpoint.pathname.replace(/\/+$/, "")}/${path}`;
  return url;
}

/** Whether the hub's token may be sent to an address: only to the hub itself, and only where nobody can read it on the way. */
export function mayAuthorize(endpoint: URL, url: URL): boolean {
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return url.origin === endpoint.origin && (url.protocol === "https:" || isLoopback);
}

import type { Fetch } from "../../../backend/server/http/fetch";

/** The browser decides about proxies and certificates. */
export const serverFetch = (): Fetch => (url, init) => globalThis.fetch(url, init);

import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { Readable } from "node:stream";
import type { Fetch } from "../../../backend/server/http/fetch";

/**
 * The editor's own `fetch` knows `http.proxy` and `http.systemCertificates`, but not `http.proxyStrictSSL`: where that is off, Node's modules,
 * which the editor sends through the proxy as well, connect whatever the certificate.
 * @param strictCertificates the setting `http.proxyStrictSSL`
 */
export const serverFetch = (strictCertificates: () => boolean): Fetch => {
  return (url, init) => (strictCertificates() ? globalThis.fetch(url, init) : fetchFromAnybody(url, init));
};

const fetchFromAnybody: Fetch = (url, { method, headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const request = url.startsWith("https:") ? requestHttps : requestHttp;
    const options = { method, headers, signal, rejectUnauthorized: false };
    const sent = request(url, options, (response) => {
      resolve({
        status: response.statusCode ?? 0,
        type: "default",
        headers: { get: (name) => headerText(response.headers[name]) },
        body: Readable.toWeb(response) as ReadableStream<Uint8Array>,
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });

function headerText(value: string | readonly string[] | undefined): string | null {
  return value === undefined ? null : typeof value === "string" ? value : value.join(", ");
}

import { isJsonObject } from "../formats/json";
import type { HubResponse } from "./client";

type Answer = Pick<HubResponse, "status" | "headers">;

/** The strong validator of the version of a file that is sent, for `If-Range` (RFC 9110, 13.1.5); undefined without one. */
export function identityOf({ headers }: Answer): string | undefined {
  const tag = headers.get("etag");
  return tag !== null && /^"[^"]*"$/.test(tag) ? tag : undefined;
}

/** Reads an identity that was stored as JSON. */
export function parseIdentity(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && typeof value["identity"] === "string" ? value["identity"] : undefined;
  } catch {
    return undefined;
  }
}

/** The position of the first byte that is sent (`Content-Range`). */
export function rangeStart({ headers }: Answer): number | undefined {
  const [, start] = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "") ?? [];
  return start === undefined ? undefined : Number(start);
}

/** Bytes of the whole file; undefined where the answer does not say. */
export function totalBytes({ status, headers }: Answer): number | undefined {
  const [, total] = /^bytes \d+-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  if (status === 206) return total === undefined ? undefined : Number(total);
  const length = headers.get("content-length");
  const isEncoded = (headers.get("content-encoding") ?? "identity") !== "identity";
  return length === null || isEncoded ? undefined : Number(length);
}

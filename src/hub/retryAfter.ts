/**
 * The value of a `Retry-After` header in milliseconds: seconds or a date (RFC 9110, 10.2.3).
 * @param now milliseconds since 1970
 * @param longestMs returned for longer times
 * @returns undefined for no value, or one that cannot be read
 */
export function parseRetryAfter(value: string | null, now: number, longestMs = Infinity): number | undefined {
  const text = value?.trim() ?? "";
  if (text === "") return undefined;
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), longestMs) : undefined;
}

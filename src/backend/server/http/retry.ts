/** How often a request is repeated that the server was too busy for. */
export const maxRetries = 2;
const firstDelayMs = 250;
/** A server that wants to be left alone for longer is not asked again for an hour. */
export const maxRetryAfterMs = 3_600_000;

/**
 * Milliseconds to wait before a request is repeated: what the server asks for, or else exponential backoff with jitter.
 * @param attempt 0 after the first failure
 * @param random from 0 to 1
 */
export function retryDelay(attempt: number, retryAfterMs: number | undefined, random: number): number {
  return retryAfterMs ?? firstDelayMs * 2 ** attempt * (0.75 + random / 2);
}

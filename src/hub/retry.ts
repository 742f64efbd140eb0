import { DownloadError } from "./errors";
import { wait } from "./timeouts";

/** How often and when to try again. */
export interface RetryPolicy {
  /** Failures in a row, without a byte received in between, after which to give up. */
  readonly failures: number;
  /** Delay after the first failure; it doubles with each further one. */
  readonly firstDelayMs: number;
  /** Longest wait, also of those that a server asks for. */
  readonly longestDelayMs: number;
}

export const defaultRetryPolicy: RetryPolicy = { failures: 6, firstDelayMs: 1000, longestDelayMs: 120_000 };

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  /** Bytes received so far: where they grow between two failures, the count of failures starts again. */
  readonly progress: () => number;
  readonly onRetry: (error: DownloadError, delayMs: number) => void;
}

/**
 * Repeats an attempt while it fails for a reason that may pass.
 * @throws DownloadError of the last attempt, or the signal's reason
 */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { policy, signal, progress, onRetry } = options;
  let failures = 0;
  let received = progress();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DownloadError) || !error.isTransient) throw error;
      failures = progress() > received ? 1 : failures + 1;
      received = progress();
      const delayMs = error.retryAfterMs ?? policy.firstDelayMs * 2 ** (failures - 1);
      if (failures >= policy.failures || (error.retryAfterMs ?? 0) > policy.longestDelayMs) throw error;
      onRetry(error, delayMs);
      await wait(Math.min(delayMs, policy.longestDelayMs), signal);
    }
  }
}

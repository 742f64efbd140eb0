import { DownloadError } from "./errors";

/**
 * Waits for a step of a transfer.
 * @param onTimeout ends what the step waits for
 * @throws DownloadError `connection` when it takes longer than `timeoutMs`
 */
export async function inTime<T>(step: Promise<T>, timeoutMs: number, host: string, onTimeout: () => void): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DownloadError("connection", `${host} has sent nothing for ${Math.ceil(timeoutMs / 1000)} s.`));
      onTimeout();
    }, timeoutMs);
  });
  try {
    return await Promise.race([step, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves after some time. @throws the signal's reason when that comes first */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

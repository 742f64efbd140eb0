/** Milliseconds until a server is tried again after its first failure; doubled by each further one. */
const firstRetryMs = 2000;
const lastRetryMs = 300_000;
/** Late answers in a row after which a server is left alone. */
const mostLate = 2;

/** Why a server is not used now. */
export interface Outage {
  readonly error: Error;
  /** Milliseconds of the clock after which it is tried again. */
  readonly retryAt: number;
  /** Failures in a row. */
  readonly failures: number;
}

/** What happened to a server's requests lately. */
export interface ServerHealth {
  readonly outage: Outage | undefined;
  /** Failures since the last answer. */
  readonly failures: number;
  readonly lateAnswers: number;
}

export const healthy: ServerHealth = { outage: undefined, failures: 0, lateAnswers: 0 };

/** After a failure. @param retryAfterMs what the server asks for */
export function afterFailure(health: ServerHealth, error: Error, now: number, retryAfterMs?: number): ServerHealth {
  const failures = health.failures + 1;
  const backoff = Math.min(lastRetryMs, firstRetryMs * 2 ** (failures - 1));
  return { outage: { error, retryAt: now + (retryAfterMs ?? backoff), failures }, failures, lateAnswers: 0 };
}

/** After an answer that did not come in time. One alone is nothing: the model may just have been loaded. */
export function afterLateAnswer(health: ServerHealth, error: Error, now: number): ServerHealth {
  const lateAnswers = health.lateAnswers + 1;
  return lateAnswers < mostLate ? { ...health, lateAnswers } : afterFailure(health, error, now);
}

/** When the server can be tried again: the failures count until it has answered. */
export function afterProbe(health: ServerHealth): ServerHealth {
  return { ...health, outage: undefined };
}

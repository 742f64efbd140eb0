/** The model gave logits that are not numbers, or ruled out every token: nothing can be chosen from them. */
export class LogitsError extends Error {
  override readonly name = "LogitsError";
}

function notFinite(token: number, logit: number): LogitsError {
  return new LogitsError(
    `The model computed a logit of ${logit} for token ${token}. Its weights are damaged, or too large for this precision.`,
  );
}

function noToken(): LogitsError {
  return new LogitsError("No token may be chosen here: all of them are ruled out.");
}

/**
 * The index of the largest logit, the first one on ties. It costs what a search for the largest costs.
 * @throws LogitsError when a logit is NaN or the largest one is infinite.
 */
export function finiteArgmax(logits: Float32Array): number {
  const count = logits.length;
  let best = -1;
  let most = -Infinity;
  for (let i = 0; i < count; i++) {
    const logit = logits[i] as number;
    // NaN is not less than or equal to anything.
    if (logit <= most) continue;
    if (!(logit < Infinity)) throw notFinite(i, logit);
    best = i;
    most = logit;
  }
  if (best < 0) throw noToken();
  return best;
}

/**
 * Checks that the logits can be drawn from. -Infinity is a token that is ruled out.
 * @throws LogitsError when a logit is NaN or Infinity, or all are -Infinity.
 */
export function checkLogits(logits: Float32Array): void {
  const count = logits.length;
  let most = -Infinity;
  for (let i = 0; i < count; i++) {
    const logit = logits[i] as number;
    if (!(logit < Infinity)) throw notFinite(i, logit);
    if (logit > most) most = logit;
  }
  if (most === -Infinity) throw noToken();
}

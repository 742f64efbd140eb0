/** The model gave logits that are not numbers, or ruled out every token: nothing can be chosen from them. */
export class LogitsError extends Error {
  override readonly name = "LogitsError";
}

function notFinite(token: number, logit: number): LogitsError {
  return new LogitsError(
    `The model computed a logit of ${logit} for token ${token}. Its weights are damaged, or too large for this precision.`,
  );
}

/**
 * The token of a choice that was made where the logits are.
 * @param choice its logit is NaN or Infinity if any logit is, and -Infinity if all logits are
 * @throws LogitsError
 */
export function checkLikeliest(choice: { readonly token: number; readonly logit: number } | undefined): number {
  if (!choice || choice.logit === -Infinity) throw noToken();
  if (!(choice.logit < Infinity)) throw notFinite(choice.token, choice.logit);
  return choice.token;
}

function noToken(): LogitsError {
  return new LogitsError("No token may be chosen here: all of them are ruled out.");
}

/**
 * Checks that the logits can be chosen from. -Infinity is a token that is ruled out.
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

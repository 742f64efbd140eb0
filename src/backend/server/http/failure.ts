import { ServerError } from "../errors";

/** The error of a status that is not 2xx. @param text what the server says about it, cleaned; may be empty */
export function statusError(status: number, host: string, text: string, retryAfterMs: number | undefined): ServerError {
  const said = text === "" ? "" : ` It says: ${text}`;
  const answer = `${host} answers with status ${status}.`;
  if (status === 401 || status === 403) {
    return new ServerError("refused", `${answer} Set its key with “GPT-2: Set Server Key”.${said}`);
  }
  if (status === 404) {
    return new ServerError(
      "missing",
      `${answer} Check gpt2.server.url, gpt2.server.kind and gpt2.server.model.${said}`,
    );
  }
  if (status === 429 || status === 503) return new ServerError("busy", `${answer} It is busy.${said}`, retryAfterMs);
  if (
    (status === 400 || status === 413 || status === 422) &&
    /context|too long|too large|maximum.*tokens/i.test(text)
  ) {
    return new ServerError("tooLong", `The prompt is too long for ${host}.${said}`);
  }
  return new ServerError("failed", `${answer}${said}`);
}

/**
 * Whether a connection was closed before the answer began: a server may close one that is kept open just when it is used again. The request
 * can be sent once more.
 */
export function isClosedEarly(error: unknown): boolean {
  return /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(codeOf(error));
}

/** The error of a connection that failed: `fetch` has the system's error as its cause. */
export function connectionError(error: unknown, host: string): ServerError {
  const code = codeOf(error);
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME|TLS|SSL/.test(code)) {
    return new ServerError(
      "certificate",
      `The certificate of ${host} is not trusted (${code}). Add its authority to the system's certificates, or see the setting http.proxyStrictSSL.`,
    );
  }
  const reason = code === "" ? "" : ` (${code})`;
  return new ServerError("unreachable", `${host} cannot be reached${reason}. Check that it runs, and gpt2.server.url.`);
}

/** The system's code in an error or in what caused it, such as `ECONNREFUSED`; empty if there is none. */
function codeOf(error: unknown, depth = 0): string {
  if (typeof error !== "object" || error === null || depth > 4) return "";
  const { code, cause, errors } = error as {
    readonly code?: unknown;
    readonly cause?: unknown;
    readonly errors?: unknown;
  };
  if (typeof code === "string" && code !== "") return code;
  return codeOf(cause, depth + 1) || (Array.isArray(errors) ? codeOf(errors[0], depth + 1) : "");
}

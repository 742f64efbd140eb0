import { addressOn } from "./endpoint";
import { DownloadError } from "./errors";
import { parseRetryAfter } from "./retryAfter";

/** What was requested, for messages. */
export interface RequestContext {
  /** `openai-community/gpt2`, or a file of it. */
  readonly what: string;
  readonly host: string;
  readonly endpoint: URL;
  readonly hasToken: boolean;
}

/** The error of a response that is no success. Hugging Face says more in `X-Error-Code`. */
export function failureOf({ status, headers }: Response, context: RequestContext): DownloadError {
  const { what, host } = context;
  const code = headers.get("x-error-code") ?? "";
  if (status === 404 || code === "RepoNotFound") {
    const hidden = context.hasToken ? "" : " If the repository is private, a token is needed.";
    return new DownloadError("missing", `${host} has no ${what}. Check the name.${hidden}`);
  }
  if (status === 401 || status === 403) return new DownloadError("access", accessMessage(context));
  if (status === 429) {
    const asked = parseRetryAfter(headers.get("retry-after"), Date.now());
    const when = asked === undefined ? "later" : `in ${duration(asked)}`;
    return new DownloadError("busy", `${host} has had too many requests from here. Try again ${when}.`, {
      retryAfterMs: asked,
    });
  }
  if (status === 408 || status >= 500) {
    return new DownloadError("server", `${host} cannot answer at the moment (status ${status}).`, {
      retryAfterMs: parseRetryAfter(headers.get("retry-after"), Date.now()),
    });
  }
  return new DownloadError("unexpected", `${host} answered the request for ${what} with status ${status}.`);
}

function accessMessage({ what, endpoint, hasToken }: RequestContext): string {
  const repository = what.split("/").slice(0, 2).join("/");
  const terms = `Log in and accept the terms of ${repository} on ${addressOn(endpoint, repository).href}`;
  return hasToken
    ? `The Hugging Face token gives no access to ${what}. ${terms}, and check that the token is valid and may read it.`
    : `${what} is only for people who have accepted its terms. ${terms}, create a token that may read it, and set it with ` +
        "“GPT-2: Set Hugging Face Token” (on the command line: HF_TOKEN).";
}

function duration(ms: number): string {
  return ms < 120_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`;
}

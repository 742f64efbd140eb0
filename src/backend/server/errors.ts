/**
 * What went wrong with a server. `settings`: they are not valid. `unreachable`: no connection. `certificate`: it is not trusted.
 * `refused`: 401 or 403. `missing`: 404, of the model or the API. `busy`: 429 or 503. `tooLong`: the prompt does not fit the context.
 * `failed`: another status. `notJson`: a web page or another text in place of an answer. `redirect`: to another host. `late`: no answer in
 * time. `cut`: the answer ended in the middle.
 */
export type ServerProblem =
  | "settings"
  | "unreachable"
  | "certificate"
  | "refused"
  | "missing"
  | "busy"
  | "tooLong"
  | "failed"
  | "notJson"
  | "redirect"
  | "late"
  | "cut";

/** A request to a server failed. The message is for a person and contains neither code nor keys. */
export class ServerError extends Error {
  override readonly name = "ServerError";

  constructor(
    readonly problem: ServerProblem,
    message: string,
    /** Milliseconds after which the server wants to be asked again, where it says so. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

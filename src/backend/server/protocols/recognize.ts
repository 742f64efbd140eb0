import { ServerError } from "../errors";
import type { HttpClient } from "../http/client";
import { type Fields, fieldsOf } from "./values";

/** The fields of a JSON answer to a GET; undefined where the server has nothing under this path, or something else. */
export async function fieldsAt(http: HttpClient, path: string): Promise<Fields | undefined> {
  return unlessUnsupported(async () => fieldsOf(await http.json({ path })));
}

/** The result of a call; undefined where the server answers that it does not have it. Other failures are thrown. */
export async function unlessUnsupported<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ServerError && ["missing", "failed", "notJson", "tooLong"].includes(error.problem))
      return undefined;
    throw error;
  }
}

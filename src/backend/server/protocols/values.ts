import { ServerError } from "../errors";

/** An object of an answer, whose fields are read with the functions of this file. */
export type Fields = Readonly<Record<string, unknown>>;

/** The fields of a value that may be no object. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** The elements of a value that may be no list. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The number, if it is one and is finite. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The fields of a JSON text. @throws ServerError */
export function parseFields(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    throw new ServerError("notJson", "The server's answer contains something that is not JSON.");
  }
}

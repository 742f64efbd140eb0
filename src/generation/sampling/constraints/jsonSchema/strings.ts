import { InputError } from "../../../errors";
import type { Expression } from "../expression";
import { jsonCharacters, jsonString, quoted } from "../jsonText";
import { regexExpression } from "../regex";
import { countAt, type SchemaObject } from "./schema";

const date = "\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))";
const time = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)";
const hex = "[0-9a-f]";

/** Formats that are kept to; others say nothing, as the standard has it. */
const formats: Readonly<Record<string, string>> = {
  date,
  time,
  "date-time": `${date}T${time}`,
  uuid: `${hex}{8}-${hex}{4}-${hex}{4}-${hex}{4}-${hex}{12}`,
  ipv4: "((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.){3}(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)",
};

/** The strings that a schema allows. @throws InputError when two of its restrictions cannot be combined. */
export function stringExpression(schema: SchemaObject, path: string): Expression {
  const { pattern, format } = schema;
  const formatPattern = typeof format === "string" && Object.hasOwn(formats, format) ? formats[format] : undefined;
  const hasLength = schema["minLength"] !== undefined || schema["maxLength"] !== undefined;
  if (Number(pattern !== undefined) + Number(formatPattern !== undefined) + Number(hasLength) > 1) {
    throw new InputError(
      `The JSON schema at ${path} restricts a string in several ways; only one of length, pattern and format is supported.`,
    );
  }
  if (formatPattern !== undefined) return quoted(regexExpression(formatPattern, jsonCharacters, "whole"));
  if (pattern !== undefined) {
    if (typeof pattern !== "string")
      throw new InputError(`The JSON schema at ${path} has a “pattern” that is not a text.`);
    return quoted(regexExpression(pattern, jsonCharacters, "anywhere"));
  }
  const minLength = countAt(schema, "minLength", 0, path);
  const maxLength = countAt(schema, "maxLength", Infinity, path);
  if (minLength > maxLength)
    throw new InputError(`The JSON schema at ${path} has a “minLength” above its “maxLength”.`);
  return jsonString(minLength, maxLength);
}

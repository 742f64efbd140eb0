import { InputError } from "../../../errors";

/** A JSON schema (draft 2020-12), as far as it is supported. */
export type JsonSchema = boolean | SchemaObject;
export type SchemaObject = Readonly<Record<string, unknown>>;

export const jsonTypes = ["null", "boolean", "number", "integer", "string", "array", "object"] as const;
export type JsonType = (typeof jsonTypes)[number];

/** Keywords that say nothing about which values are valid. */
const annotations = new Set([
  ...["$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples"],
  ...["deprecated", "readOnly", "writeOnly", "contentEncoding", "contentMediaType", "contentSchema"],
]);

/** Keywords that are understood. */
const supported = new Set([
  ...["type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "format"],
  ...["minLength", "maxLength", "pattern"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  ...["items", "prefixItems", "minItems", "maxItems"],
  ...["properties", "required", "additionalProperties"],
]);

/** Keywords of JSON Schema that restrict a value in ways that are not supported. Words of no vocabulary are ignored, as the standard asks. */
const unsupported = new Set([
  ...["not", "if", "then", "else", "dependentSchemas", "dependentRequired", "dependencies", "$dynamicRef", "$anchor"],
  ...["contains", "minContains", "maxContains", "uniqueItems", "additionalItems", "unevaluatedItems"],
  ...["patternProperties", "propertyNames", "minProperties", "maxProperties", "unevaluatedProperties"],
]);

/**
 * Checks that a value is a schema of which all that restricts is understood.
 * @param path where it is, for messages
 * @throws InputError
 */
export function checkSchema(schema: unknown, path: string): JsonSchema {
  if (typeof schema === "boolean") return schema;
  if (!isObject(schema)) throw new InputError(`The JSON schema at ${path} is neither an object nor true or false.`);
  for (const keyword of Object.keys(schema)) {
    if (unsupported.has(keyword))
      throw new InputError(`The JSON schema at ${path} uses “${keyword}”, which is not supported.`);
  }
  return schema;
}

/** The part of a schema that restricts. */
export function restrictions(schema: SchemaObject): SchemaObject {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => supported.has(key) && !annotations.has(key)));
}

export function isObject(value: unknown): value is SchemaObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The types that a schema allows, by its keyword `type`. @throws InputError for one that does not exist. */
export function typesOf({ type }: SchemaObject, path: string): readonly JsonType[] {
  if (type === undefined) return jsonTypes.filter((name) => name !== "integer");
  return (Array.isArray(type) ? (type as unknown[]) : [type]).map((name) => {
    const known = jsonTypes.find((other) => other === name);
    if (!known)
      throw new InputError(`The JSON schema at ${path} has the type ${JSON.stringify(name)}, which does not exist.`);
    return known;
  });
}

/** The type of a JSON value: a whole number is an integer. */
export function typeOfValue(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value as "boolean" | "string" | "object";
}

/** A keyword's number. @throws InputError when it is none. */
export function numberAt(schema: SchemaObject, keyword: string, path: string): number | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new InputError(`The JSON schema at ${path} has a “${keyword}” that is not a number.`);
}

/** A keyword's count, or a default. @throws InputError when it is no whole number from 0 on. */
export function countAt(schema: SchemaObject, keyword: string, fallback: number, path: string): number {
  const value = numberAt(schema, keyword, path) ?? fallback;
  if (value === Infinity || (Number.isInteger(value) && value >= 0)) return value;
  throw new InputError(`The JSON schema at ${path} has a “${keyword}” that is not a whole number from 0 on.`);
}

/** A keyword's list, empty where there is none. @throws InputError when it is none. */
export function listAt(schema: SchemaObject, keyword: string, path: string): readonly unknown[] {
  const value = schema[keyword] ?? [];
  if (Array.isArray(value)) return value as unknown[];
  throw new InputError(`The JSON schema at ${path} has a “${keyword}” that is not a list.`);
}

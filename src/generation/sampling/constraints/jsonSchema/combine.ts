import { isSameValue } from "./sameValue";
import { InputError } from "../../../errors";
import { isObject, type JsonSchema, type SchemaObject, typesOf, typeOfValue } from "./schema";

/** How two values of a keyword are made one that stands for both. */
const combiners: Readonly<Record<string, (a: unknown, b: unknown) => unknown>> = {
  minimum: most,
  exclusiveMinimum: most,
  minLength: most,
  minItems: most,
  maximum: least,
  exclusiveMaximum: least,
  maxLength: least,
  maxItems: least,
  required: (a, b) => [...new Set([...(a as unknown[]), ...(b as unknown[])])],
  allOf: (a, b) => [...(a as unknown[]), ...(b as unknown[])],
  properties: (a, b) => {
    const merged: Record<string, unknown> = { ...(a as SchemaObject) };
    for (const [name, schema] of Object.entries(b as SchemaObject)) {
      merged[name] = Object.hasOwn(merged, name) ? { allOf: [merged[name], schema] } : schema;
    }
    return merged;
  },
};

function most(a: unknown, b: unknown): number {
  return Math.max(Number(a), Number(b));
}

function least(a: unknown, b: unknown): number {
  return Math.min(Number(a), Number(b));
}

/** A schema that allows what two others both allow. @throws InputError when they cannot be combined. */
export function both(a: JsonSchema, b: JsonSchema, path: string): JsonSchema {
  if (a === false || b === false) return false;
  if (a === true) return b;
  if (b === true) return a;
  if (closes(a, b) || closes(b, a)) {
    throw new InputError(`The JSON schemas combined at ${path} cannot be combined: one has “additionalProperties”.`);
  }
  const merged: Record<string, unknown> = { ...a };
  for (const [keyword, value] of Object.entries(b)) {
    merged[keyword] = Object.hasOwn(a, keyword) ? combine(keyword, a[keyword], value, path) : value;
  }
  if (Object.hasOwn(a, "type") && Object.hasOwn(b, "type")) merged["type"] = commonTypes(a, b, path);
  return merged;
}

/** Whether what one schema says of other properties concerns properties that only the other one has. */
function closes(a: SchemaObject, b: SchemaObject): boolean {
  return (a["additionalProperties"] ?? true) !== true && (isObject(b["properties"]) || Array.isArray(b["required"]));
}

function combine(keyword: string, a: unknown, b: unknown, path: string): unknown {
  const combiner = Object.hasOwn(combiners, keyword) ? combiners[keyword] : undefined;
  if (combiner) return combiner(a, b);
  if (keyword === "type" || isSameValue(a, b)) return a;
  if (keyword === "enum" && Array.isArray(a) && Array.isArray(b)) {
    return a.filter((value) => b.some((other) => isSameValue(value, other)));
  }
  throw new InputError(`The JSON schemas combined at ${path} cannot be combined: they differ in “${keyword}”.`);
}

function commonTypes(a: SchemaObject, b: SchemaObject, path: string): readonly string[] {
  const [ours, theirs] = [typesOf(a, path), typesOf(b, path)];
  const has = (types: readonly string[], type: string) =>
    types.includes(type) || (type === "integer" && types.includes("number"));
  return [...new Set([...ours, ...theirs])].filter((type) => has(ours, type) && has(theirs, type));
}

/** Whether no value is allowed by two schemas: they allow other types, other values, or an object's property tells them apart. */
export function areDisjoint(a: JsonSchema, b: JsonSchema, path: string): boolean {
  if (a === false || b === false) return true;
  if (a === true || b === true) return false;
  const [valuesA, valuesB] = [valuesOf(a), valuesOf(b)];
  if (valuesA && valuesB) return !valuesA.some((value) => valuesB.some((other) => isSameValue(value, other)));
  const [typesA, typesB] = [kindsOf(a, valuesA, path), kindsOf(b, valuesB, path)];
  const common = typesA.filter((type) => typesB.includes(type));
  return common.every((type) => type === "object") && (common.length === 0 || differInAProperty(a, b, path));
}

function valuesOf(schema: SchemaObject): readonly unknown[] | undefined {
  if (Object.hasOwn(schema, "const")) return [schema["const"]];
  return Array.isArray(schema["enum"]) ? (schema["enum"] as unknown[]) : undefined;
}

/** Types, where a whole number is a number. */
function kindsOf(schema: SchemaObject, values: readonly unknown[] | undefined, path: string): readonly string[] {
  const types = values ? values.map(typeOfValue) : typesOf(schema, path);
  return types.map((type) => (type === "integer" ? "number" : type));
}

function differInAProperty(a: SchemaObject, b: SchemaObject, path: string): boolean {
  const [ours, theirs] = [a["properties"], b["properties"]];
  const [requiredA, requiredB] = [a["required"], b["required"]];
  if (!isObject(ours) || !isObject(theirs) || !Array.isArray(requiredA) || !Array.isArray(requiredB)) return false;
  return Object.keys(ours).some((name) => {
    if (!Object.hasOwn(theirs, name) || !requiredA.includes(name) || !requiredB.includes(name)) return false;
    return areDisjoint(ours[name] as JsonSchema, theirs[name] as JsonSchema, path);
  });
}

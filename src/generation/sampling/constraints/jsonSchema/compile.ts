import { InputError } from "../../../errors";
import { choice, type Expression, literal, rule } from "../expression";
import { arrayExpression, objectExpression } from "./collections";
import { areDisjoint, both } from "./combine";
import { numberExpression } from "./numbers";
import {
  checkSchema,
  isObject,
  type JsonSchema,
  type JsonType,
  listAt,
  restrictions,
  type SchemaObject,
  typeOfValue,
  typesOf,
} from "./schema";
import { stringExpression } from "./strings";

/** Schemas in schemas that are combined before any byte is written. More are taken to be without end. */
const deepestCombination = 100;

/**
 * The JSON texts that a schema allows, or a part of them: whatever is written is valid, but not all that is valid can be written.
 * @throws InputError for a schema that is wrong or uses what is not supported.
 */
export function schemaExpression(schema: unknown): Expression {
  return new SchemaCompiler(schema).compile(schema, "#");
}

class SchemaCompiler {
  /** The rules of the schemas that are referred to, by their pointers. */
  readonly #rules = new Map<string, Expression>();
  #depth = 0;
  readonly #root: unknown;

  constructor(root: unknown) {
    this.#root = root;
  }

  readonly compile = (schema: unknown, path: string): Expression => {
    const checked = checkSchema(schema, path);
    if (checked === false) return choice();
    if (checked === true) return this.#anyValue();
    const restricting = restrictions(checked);
    const { $ref, ...rest } = restricting;
    if (typeof $ref === "string" && Object.keys(rest).length === 0) return this.#referred($ref, path);
    return Object.keys(restricting).length === 0 ? this.#anyValue() : this.#restricted(restricting, path);
  };

  #anyValue(): Expression {
    return this.#rule("any value", () => this.#restricted({}, "any value"));
  }

  #referred(pointer: string, path: string): Expression {
    return this.#rule(`the schema ${pointer}`, () => this.compile(this.#resolve(pointer, path), pointer));
  }

  #rule(name: string, expression: () => Expression): Expression {
    const known = this.#rules.get(name) ?? rule(name, expression);
    this.#rules.set(name, known);
    return known;
  }

  #restricted(schema: SchemaObject, path: string): Expression {
    const { $ref, allOf, ...rest } = schema;
    if ($ref !== undefined || allOf !== undefined) {
      const parts = [
        ...listAt(schema, "allOf", path),
        ...(typeof $ref === "string" ? [this.#resolve($ref, path)] : []),
      ];
      return this.#combined(parts, rest, path);
    }
    const { anyOf, oneOf, ...others } = rest;
    if (oneOf !== undefined)
      return this.#oneOf(listAt(rest, "oneOf", path), anyOf === undefined ? others : { ...others, anyOf }, path);
    if (anyOf !== undefined) return this.#anyOf(listAt(rest, "anyOf", path), others, path);
    if (Object.hasOwn(schema, "const") || schema["enum"] !== undefined) return values(schema, path);
    return choice(...typesOf(schema, path).map((type) => this.#typed(type, schema, path)));
  }

  #combined(parts: readonly unknown[], rest: SchemaObject, path: string): Expression {
    if (this.#depth >= deepestCombination) throw new InputError(`The JSON schema at ${path} is combined with itself.`);
    this.#depth++;
    const schema = parts
      .map((part) => {
        const followed = this.#followed(checkSchema(part, path), path);
        return typeof followed === "boolean" ? followed : restrictions(followed);
      })
      .reduce<JsonSchema>((merged, part) => both(merged, part, path), rest);
    const expression = this.compile(schema, path);
    this.#depth--;
    return expression;
  }

  #anyOf(options: readonly unknown[], rest: SchemaObject, path: string): Expression {
    const isRestricted = Object.keys(rest).length > 0;
    return choice(
      ...options.map((option) => (isRestricted ? this.#combined([option], rest, path) : this.compile(option, path))),
    );
  }

  #oneOf(options: readonly unknown[], rest: SchemaObject, path: string): Expression {
    const followed = options.map((option) => this.#followed(checkSchema(option, path), path));
    for (const [i, option] of followed.entries()) {
      if (followed.slice(i + 1).some((other) => !areDisjoint(option, other, path))) {
        throw new InputError(
          `The schemas in the “oneOf” at ${path} may allow the same value, which is not supported. Use “anyOf”.`,
        );
      }
    }
    return this.#anyOf(options, rest, path);
  }

  #typed(type: JsonType, schema: SchemaObject, path: string): Expression {
    switch (type) {
      case "null":
        return literal("null");
      case "boolean":
        return choice(literal("true"), literal("false"));
      case "number":
      case "integer":
        return numberExpression(schema, type === "integer", path);
      case "string":
        return stringExpression(schema, path);
      case "array":
        return arrayExpression(schema, path, this.compile);
      case "object":
        return objectExpression(schema, path, this.compile);
    }
  }

  /** A schema, or what it refers to where it does nothing else. */
  #followed(schema: JsonSchema, path: string): JsonSchema {
    let followed = schema;
    for (let i = 0; isObject(followed); i++) {
      const { $ref, ...rest } = restrictions(followed);
      if (typeof $ref !== "string" || Object.keys(rest).length > 0) break;
      if (i === deepestCombination) throw new InputError(`The JSON schema at ${path} refers to itself without end.`);
      followed = checkSchema(this.#resolve($ref, path), path);
    }
    return followed;
  }

  /** What a pointer into the schema points to (RFC 6901, as a fragment). */
  #resolve(pointer: string, path: string): unknown {
    if (!/^#(\/|$)/.test(pointer)) {
      throw new InputError(
        `The JSON schema at ${path} refers to “${pointer}”; only parts of itself, as in “#/$defs/name”, are supported.`,
      );
    }
    let found: unknown = this.#root;
    for (const part of pointer.slice(1).split("/").slice(1)) {
      const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
      const holder = found as SchemaObject | null;
      if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, key)) {
        throw new InputError(`The JSON schema at ${path} refers to “${pointer}”, which is not there.`);
      }
      found = holder[key];
    }
    return found;
  }
}

/** The values that a schema lists, as far as they have one of its types. */
function values(schema: SchemaObject, path: string): Expression {
  const conflicting = Object.keys(schema).filter((keyword) => !["const", "enum", "type"].includes(keyword));
  if (conflicting.length > 0) {
    throw new InputError(
      `The JSON schema at ${path} combines listed values with “${conflicting.join("”, “")}”, which is not supported.`,
    );
  }
  const listed = Object.hasOwn(schema, "const") ? [schema["const"]] : listAt(schema, "enum", path);
  const types = typesOf(schema, path);
  const allowed = listed.filter((value) => {
    const type = typeOfValue(value);
    return types.includes(type) || (type === "integer" && types.includes("number"));
  });
  return choice(...allowed.map((value) => literal(JSON.stringify(value))));
}

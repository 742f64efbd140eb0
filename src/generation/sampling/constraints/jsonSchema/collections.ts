import { InputError } from "../../../errors";
import { choice, empty, type Expression, literal, repeat, rule, sequence } from "../expression";
import { colon, comma, jsonStringExcept, layout } from "../jsonText";
import { countAt, isObject, listAt, type SchemaObject } from "./schema";

/** Makes the expression of a schema that is part of another. */
export type CompilePart = (schema: unknown, path: string) => Expression;

/** The arrays that a schema allows. */
export function arrayExpression(schema: SchemaObject, path: string, compile: CompilePart): Expression {
  const prefix = listAt(schema, "prefixItems", path);
  const min = countAt(schema, "minItems", 0, path);
  const max = countAt(schema, "maxItems", Infinity, path);
  const rest = schema["items"] ?? true;
  if (min > max || (rest === false && min > prefix.length)) {
    throw new InputError(`The JSON schema at ${path} asks for more items than it allows.`);
  }
  const item = rule(`the items of ${path}`, () => compile(rest, `${path}/items`));
  const fixed = prefix.map((part, i) => rule(`item ${i} of ${path}`, () => compile(part, `${path}/prefixItems/${i}`)));
  /** What can follow after `count` items. */
  const from = (count: number): Expression => {
    if (count >= max) return empty;
    const next = fixed[count];
    const before = count === 0 ? empty : comma;
    if (next) {
      const more = sequence(before, next, from(count + 1));
      return count < min ? more : choice(empty, more);
    }
    if (rest === false) return empty;
    if (count > 0) return repeat(sequence(comma, item), Math.max(0, min - count), max - count);
    const some = sequence(item, repeat(sequence(comma, item), Math.max(0, min - 1), max - 1));
    return min > 0 ? some : choice(empty, some);
  };
  return sequence(literal("["), layout, from(0), layout, literal("]"));
}

interface Member {
  readonly required: boolean;
  readonly expression: Expression;
}

/**
 * The objects that a schema allows, with their properties in the order in which it lists them. Where it lists some and does not say that
 * there may be others, there are no others.
 */
export function objectExpression(schema: SchemaObject, path: string, compile: CompilePart): Expression {
  const { properties = {}, additionalProperties = Object.hasOwn(schema, "properties") ? false : true } = schema;
  if (!isObject(properties))
    throw new InputError(`The JSON schema at ${path} has “properties” that are not an object.`);
  const required = listAt(schema, "required", path).map(String);
  const names = [...new Set([...Object.keys(properties), ...required])];
  const members = names.map((name) => ({
    required: required.includes(name),
    expression: member(literal(JSON.stringify(name)), () =>
      Object.hasOwn(properties, name)
        ? compile(properties[name], `${path}/properties/${name}`)
        : compile(schema["additionalProperties"] ?? true, `${path}/additionalProperties`),
    ),
  }));
  const others =
    additionalProperties === false
      ? undefined
      : member(jsonStringExcept(names), () => compile(additionalProperties, `${path}/additionalProperties`));
  return sequence(literal("{"), layout, memberList(members, others), layout, literal("}"));
}

function member(key: Expression, value: () => Expression): Expression {
  return sequence(key, colon, rule("a property", value));
}

/** The members from the first on. Each rest of the list is a rule, since it follows both a member and its absence. */
function memberList(members: readonly Member[], others: Expression | undefined): Expression {
  let rests = { first: otherMembers(others, true), later: otherMembers(others, false) };
  for (const { required, expression } of members.toReversed()) {
    const after = rests;
    const rest = (before: Expression, without: Expression): Expression => {
      const present = sequence(before, expression, after.later);
      return rule("properties", () => (required ? present : choice(present, without)));
    };
    rests = { first: rest(empty, after.first), later: rest(comma, after.later) };
  }
  return rests.first;
}

function otherMembers(member: Expression | undefined, first: boolean): Expression {
  if (!member) return empty;
  const more = repeat(sequence(comma, member), 0, Infinity);
  return first ? choice(empty, sequence(member, more)) : more;
}

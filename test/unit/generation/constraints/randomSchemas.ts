import type { Random } from "../../../../src/generation/sampling/random";

const names = ["a", "id", "näme", 'with "quotes"', "id2", "😀"];
const texts = ["", "x", 'say "hi"\n', "日本", "a\\b"];

function pick<T>(items: readonly T[], random: Random): T {
  return items[Math.floor(random() * items.length)] as T;
}

function some<T>(items: readonly T[], random: Random): T[] {
  return items.filter(() => random() < 0.5);
}

function whole(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}

/** A JSON schema of some depth that some value satisfies. */
export function randomSchema(random: Random, depth = 3): Record<string, unknown> {
  const simple = [() => string(random), () => number(random), () => ({ type: "boolean" }), () => ({ type: "null" })];
  const listed = [
    () => ({ enum: [pick(texts, random), whole(9, random), null, { a: [1] }] }),
    () => ({ const: pick(texts, random) }),
  ];
  const nested = [() => array(random, depth - 1), () => object(random, depth - 1), () => object(random, depth - 1)];
  const combined = [() => anyOf(random, depth - 1), () => oneOf(random, depth - 1), () => allOf(random)];
  return pick(
    depth > 0 ? [...simple, ...listed, ...nested, ...combined, () => ({})] : [...simple, ...listed],
    random,
  )();
}

function string(random: Random): Record<string, unknown> {
  const minLength = whole(3, random);
  return pick(
    [
      { type: "string" },
      { type: "string", minLength, maxLength: minLength + whole(4, random) },
      { type: "string", pattern: pick(['^[a-c"]+$', "x", "^é?[^a]{2}$", "^(ab|\\\\|\\n)*$", "\\d{2,3}"], random) },
      { type: "string", format: pick(["date", "time", "date-time", "uuid", "ipv4", "other"], random) },
    ],
    random,
  );
}

function number(random: Random): Record<string, unknown> {
  const type = pick(["integer", "number"], random);
  const from = pick([-1000, -12.5, -1, 0, 0.25, 7, 99, 1234], random);
  const to = from + pick([1, 2.5, 10, 999], random);
  const low = random() < 0.5 ? { minimum: from } : { exclusiveMinimum: from };
  const high = random() < 0.5 ? { maximum: to } : { exclusiveMaximum: to + 1 };
  return { type, ...(random() < 0.7 && low), ...(random() < 0.7 && high) };
}

function array(random: Random, depth: number): Record<string, unknown> {
  const minItems = whole(3, random);
  const prefixItems = Array.from({ length: 1 + whole(2, random) }, () => randomSchema(random, depth));
  return {
    type: "array",
    items: randomSchema(random, depth),
    ...(random() < 0.4 && { prefixItems }),
    ...(random() < 0.6 && { minItems, maxItems: minItems + whole(3, random) }),
  };
}

function object(random: Random, depth: number): Record<string, unknown> {
  const properties = Object.fromEntries(some(names, random).map((name) => [name, randomSchema(random, depth)]));
  return {
    type: "object",
    properties,
    required: some(Object.keys(properties), random),
    ...(random() < 0.3 && { additionalProperties: random() < 0.5 ? randomSchema(random, depth) : false }),
  };
}

function anyOf(random: Random, depth: number): Record<string, unknown> {
  return { anyOf: [randomSchema(random, depth), randomSchema(random, depth)] };
}

function oneOf(random: Random, depth: number): Record<string, unknown> {
  const variant = (kind: string) => ({
    type: "object",
    properties: { kind: { const: kind }, value: randomSchema(random, depth) },
    required: ["kind"],
  });
  return { oneOf: [variant("first"), variant("second"), { type: "string" }] };
}

function allOf(random: Random): Record<string, unknown> {
  return {
    allOf: [
      { type: "object", properties: { a: number(random) } },
      { properties: { b: string(random) }, required: ["b"] },
    ],
  };
}

import { Ajv2020 } from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import { InputError } from "../../../../src/generation/errors";
import { ConstraintCache } from "../../../../src/generation/sampling/constraints/constraint";
import { seededRandom } from "../../../../src/generation/sampling/random";
import { FakeTokenizer } from "../fakes";
import { randomRegex } from "./randomRegexes";
import { randomSchema } from "./randomSchemas";
import { writtenAtRandom } from "./writing";

const tokenizer = new FakeTokenizer();
/** Random expressions and schemas. The whole claim is CONSTRAINT_CASES=5000. */
const cases = Number(process.env["CONSTRAINT_CASES"] ?? 150);
const formats = {
  date: isDate,
  "date-time": (text: string) => !Number.isNaN(Date.parse(text)),
  time: (text: string) => !Number.isNaN(Date.parse(`2024-01-01T${text}`)),
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  ipv4: /^(\d{1,3}\.){3}\d{1,3}$/,
  other: true,
} as const;

function isDate(text: string): boolean {
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** Tells whether a text can be written, byte by byte, under a constraint and end there. */
function acceptor(pattern: string): (text: string) => boolean {
  const compiled = new ConstraintCache(tokenizer).get({ kind: "regex", pattern });
  return (text) => {
    let state = 0;
    for (const byte of new TextEncoder().encode(text)) {
      const next = compiled.after(state, byte);
      if (next === undefined) return false;
      state = next;
    }
    return compiled.isAccepting(state);
  };
}

describe("constraints by a regular expression", () => {
  it("let a model without sense write only what the expression matches", function () {
    this.timeout(400 * cases);
    const random = seededRandom(1);
    let written = 0;
    for (let i = 0; i < cases; i++) {
      const pattern = randomRegex(random, 3, false);
      const text = writtenAtRandom({ kind: "regex", pattern }, random, 60);
      assert.ok(text !== undefined, `${pattern} is not finished`);
      assert.match(text, new RegExp(`^(?:${pattern})$`, "u"));
      written += text.length;
    }
    assert.ok(written > 5 * cases);
  });

  it("allow the same texts as JavaScript does", function () {
    this.timeout(400 * cases);
    const random = seededRandom(2);
    const pieces = ["a", "b", "é", "😀", "日", "\n", " ", ".", "A", "1", "_", "-", "", "\u2028", "σ"];
    for (let i = 0; i < 150; i++) {
      const pattern = randomRegex(random, 2, true);
      const matcher = new RegExp(`^(?:${pattern})$`, "u");
      const accepts = acceptor(pattern);
      for (let j = 0; j < 30; j++) {
        const text = Array.from({ length: j % 5 }, () => pieces[Math.floor(random() * pieces.length)] ?? "").join("");
        assert.equal(accepts(text), matcher.test(text), `${pattern} on ${JSON.stringify(text)}`);
      }
    }
  });

  it("may say where the text begins and ends, and nothing about what is around", () => {
    assert.ok(acceptor("^ab$")("ab") && acceptor("^(a|b$)")("b") && acceptor("^a$|^b$")("b"));
    const refused = (pattern: string) => {
      assert.throws(
        () => new ConstraintCache(tokenizer).get({ kind: "regex", pattern }),
        (error) => error instanceof InputError && error.message.length > 20,
        pattern,
      );
    };
    for (const pattern of ["a^b", "(a$)b", "\\bword", "(?=a)b", "(?<!a)b", "(a)\\1", "(", "[z-a]", "\\p{None}"])
      refused(pattern);
    for (const pattern of ["[]", "a[]", "(?:a{1000}){1000}b{9999999}"]) refused(pattern);
  });

  it("end a text within the tokens that it may have", () => {
    const random = seededRandom(3);
    for (const maxTokens of [6, 7, 20, 50]) {
      const text = writtenAtRandom({ kind: "regex", pattern: '\\{"a":[a-z]*\\}' }, random, maxTokens);
      assert.match(text ?? "", /^\{"a":[a-z]*\}$/);
    }
    assert.equal(writtenAtRandom({ kind: "regex", pattern: "a{9}" }, random, 5), undefined);
  });
});

describe("constraints by a JSON schema", () => {
  const ajv = new Ajv2020({ strict: false, formats });

  it("let a model without sense write only valid JSON", function () {
    this.timeout(400 * cases);
    const random = seededRandom(4);
    for (let i = 0; i < cases; i++) {
      const schema = randomSchema(random);
      const text = writtenAtRandom({ kind: "jsonSchema", schema }, random, 300);
      assert.ok(text !== undefined, `${JSON.stringify(schema)} is not finished`);
      const isValid = ajv.validate(schema, JSON.parse(text));
      assert.ok(isValid, `${JSON.stringify(schema)}: ${text}: ${ajv.errorsText()}`);
    }
  });

  it("may refer to themselves", () => {
    const tree = {
      $ref: "#/$defs/tree",
      $defs: {
        tree: {
          type: "object",
          properties: { value: { type: "integer" }, children: { type: "array", items: { $ref: "#/$defs/tree" } } },
          required: ["value", "children"],
        },
      },
    };
    const random = seededRandom(5);
    const written = Array.from({ length: 50 }, () =>
      writtenAtRandom({ kind: "jsonSchema", schema: tree }, random, 400),
    );
    for (const text of written) assert.ok(ajv.validate(tree, JSON.parse(text ?? "")), text);
    assert.ok(written.some((text) => /children.*children/s.test(text ?? "")));
  });

  it("allow any JSON value where nothing is said", () => {
    const random = seededRandom(6);
    const kinds = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const value: unknown = JSON.parse(writtenAtRandom({ kind: "jsonSchema", schema: true }, random, 200) ?? "");
      kinds.add(Array.isArray(value) ? "array" : value === null ? "null" : typeof value);
    }
    assert.deepEqual([...kinds].sort(), ["array", "boolean", "null", "number", "object", "string"]);
  });

  it("keep to the bounds of numbers exactly", () => {
    const random = seededRandom(7);
    const between = (schema: Record<string, unknown>) =>
      Array.from(
        { length: 300 },
        () => JSON.parse(writtenAtRandom({ kind: "jsonSchema", schema }, random, 40) ?? "") as number,
      );
    const small = new Set(between({ type: "integer", minimum: -3, exclusiveMaximum: 12 }));
    assert.deepEqual(
      [...small].sort((a, b) => a - b),
      Array.from({ length: 15 }, (_, i) => i - 3),
    );
    const fractions = between({ type: "number", exclusiveMinimum: -0.3, maximum: 0.2 });
    assert.ok(fractions.every((value) => value > -0.3 && value <= 0.2));
    assert.ok(fractions.includes(0.2) && fractions.includes(-0.29) && fractions.includes(0));
  });

  it("that cannot be kept to are refused, with the reason", () => {
    const refused = (schema: object, message: RegExp) => {
      assert.throws(
        () => new ConstraintCache(tokenizer).get({ kind: "jsonSchema", schema: schema as Record<string, unknown> }),
        (error) => error instanceof InputError && message.test(error.message),
        JSON.stringify(schema),
      );
    };
    refused({ not: {} }, /at # uses “not”, which is not supported/);
    refused(
      { type: "object", properties: { a: { type: "array", uniqueItems: true } } },
      /#\/properties\/a uses “uniqueItems”/,
    );
    refused({ type: "text" }, /type "text", which does not exist/);
    refused({ type: "integer", minimum: 3, maximum: 2 }, /bounds that no number satisfies/);
    refused({ type: "string", pattern: "(", minLength: 1 }, /only one of length, pattern and format/);
    refused({ $ref: "#/$defs/none" }, /“#\/\$defs\/none”, which is not there/);
    refused({ $ref: "other.json" }, /only parts of itself/);
    refused({ $ref: "#" }, /begins with itself/);
    refused({ anyOf: [{ $ref: "#" }, { type: "null" }] }, /begins with itself/);
    refused({ allOf: [{ $ref: "#" }], type: "null" }, /combined with itself/);
    refused({ oneOf: [{ type: "number" }, { type: "integer" }] }, /may allow the same value/);
    refused({ allOf: [{ type: "null" }, { type: "string" }] }, /No text satisfies/);
    refused({ type: "string", enum: [1] }, /No text satisfies/);
    refused({ type: "array", minItems: 3, maxItems: 2 }, /more items than it allows/);
  });
});

describe("a constraint's cache", () => {
  it("keeps what was compiled, and forgets the oldest", () => {
    const cache = new ConstraintCache(tokenizer);
    const first = cache.get({ kind: "regex", pattern: "a" });
    assert.equal(cache.get({ kind: "regex", pattern: "a" }), first);
    for (let i = 0; i < 8; i++) cache.get({ kind: "regex", pattern: `b${i}` });
    assert.notEqual(cache.get({ kind: "regex", pattern: "a" }), first);
  });
});

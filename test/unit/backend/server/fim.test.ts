import assert from "node:assert/strict";
import { chooseFim, makePrompt } from "../../../../src/backend/server/fim/choose";
import { familyNames, templateForModel, templateForSetting } from "../../../../src/backend/server/fim/families";
import { renderPrompt } from "../../../../src/backend/server/fim/render";
import { cutToContext } from "../../../../src/backend/server/fim/window";
import { healPrefix, withoutTyped } from "../../../../src/backend/server/healing";

const parts = { prefix: "before", suffix: "after" };

describe("FIM templates", () => {
  const rendered: readonly (readonly [model: string, prompt: string])[] = [
    ["gpt2-code-mini-Q8_0.gguf", "<|endoftext|><|fim_prefix|><|fim_suffix|>after<|fim_middle|>before"],
    ["bigcode/starcoder2-3b", "<fim_prefix><fim_suffix>after<fim_middle>before"],
    ["bigcode/gpt_bigcode-santacoder", "<fim-prefix><fim-suffix>after<fim-middle>before"],
    ["ibm-granite/granite-3b-code-base", "<fim_prefix><fim_suffix>after<fim_middle>before"],
    ["granite-4.0-micro", "<|fim_prefix|>before<|fim_suffix|>after<|fim_middle|>"],
    ["codellama:7b-code", "<PRE> <SUF>after <MID> before"],
    ["deepseek-coder-v2:lite", "<｜fim▁begin｜>before<｜fim▁hole｜>after<｜fim▁end｜>"],
    ["Codestral-22B-v0.1", "[SUFFIX]after[PREFIX]before"],
    ["codegemma:2b", "<|fim_prefix|>before<|fim_suffix|>after<|fim_middle|>"],
    ["Qwen/Qwen2.5-Coder-7B", "<|fim_prefix|>before<|fim_suffix|>after<|fim_middle|>"],
  ];
  for (const [model, prompt] of rendered) {
    it(`lays out a prompt for ${model}`, () => {
      const template = templateForModel(model);
      assert.ok(template);
      assert.equal(renderPrompt(parts, template), prompt);
    });
  }

  it("know no family of other models", () => {
    for (const model of ["gpt2", "gpt2-xl", "llama-3-8b", "phi-2", ""])
      assert.equal(templateForModel(model), undefined);
  });

  it("use the plain text without a suffix", () => {
    assert.equal(renderPrompt({ prefix: "a", suffix: "" }, templateForSetting("qwen")), "a");
    assert.equal(renderPrompt({ prefix: "a", suffix: "" }, templateForSetting("gpt2-code")), "<|endoftext|>a");
  });

  it("cut the text of a document at the family's own tokens", () => {
    const prompt = { prefix: "x <|fim_middle|> y <|endoftext|>z", suffix: "1<|fim_prefix|>2" };
    assert.equal(renderPrompt(prompt, templateForSetting("qwen")), "<|fim_prefix|>z<|fim_suffix|>1<|fim_middle|>");
  });

  it("insert texts as they are, whatever they look like", () => {
    const prompt = renderPrompt(
      { prefix: "$& {suffix}", suffix: "{prefix} $1" },
      templateForSetting("<A>{suffix}<B>{prefix}"),
    );
    assert.equal(prompt, "<A>{prefix} $1<B>$& {suffix}");
  });

  it("may be given as a text, whose tokens end an answer", () => {
    assert.deepEqual(templateForSetting("<P>{prefix} <S> {suffix}<M>").tokens, ["<P>", "<S>", "<M>"]);
    assert.throws(() => templateForSetting("unknown"), /gpt2\.server\.template must be/);
    for (const name of familyNames) assert.ok(templateForSetting(name).tokens.length > 0);
  });
});

describe("the choice of a template", () => {
  it("prefers the suffix first, then the server's own, then a known family", () => {
    const kindOf = (model: string, ownFim?: "infill") => chooseFim("auto", { model, ownFim }).kind;
    assert.equal(kindOf("starcoder2", "infill"), "template");
    assert.equal(kindOf("qwen2.5-coder", "infill"), "own");
    assert.equal(kindOf("qwen2.5-coder"), "template");
    assert.equal(kindOf("unknown", "infill"), "own");
    assert.equal(kindOf("unknown"), "none");
  });

  it("obeys the setting", () => {
    const facts = { model: "qwen2.5-coder", ownFim: undefined };
    assert.equal(chooseFim("none", facts).kind, "none");
    assert.equal(chooseFim("starcoder", facts).kind, "template");
    assert.throws(() => chooseFim("infill", facts), /cannot fill in the middle/);
  });

  it("leaves other documents to a server that takes them", () => {
    assert.deepEqual(makePrompt(parts, { kind: "own" }, ["x"]), { kind: "parts", ...parts, extra: ["x"] });
    assert.deepEqual(makePrompt({ prefix: "a", suffix: "" }, { kind: "own" }, ["x"]), { kind: "text", text: "a" });
    assert.deepEqual(makePrompt(parts, { kind: "none" }, ["x"]), { kind: "text", text: "before" });
  });
});

describe("the window of a prompt", () => {
  const limits = { contextLength: 256, charactersPerToken: 2.5, maxTokens: 32 };
  const lines = (count: number) => Array.from({ length: count }, (_, i) => `line number ${i}\n`).join("");
  const prefixOf = (prefix: string) => cutToContext({ header: "// a.ts\n", prefix, suffix: "" }, limits).prefix;

  it("is the whole text if that fits", () => {
    assert.equal(prefixOf("const a = 1;"), "// a.ts\nconst a = 1;");
  });

  it("begins at a line start, and stays there while a line is typed", () => {
    const long = lines(200);
    const first = prefixOf(long);
    assert.match(first, /^\/\/ a\.ts\nline number \d+\n/);
    let same = 0;
    for (let i = 1; i <= 40; i++) if (prefixOf(`${long}${"x".repeat(i)}`).startsWith(first)) same++;
    assert.ok(same >= 39, `the prompt was continued ${same} of 40 times`);
    assert.ok(first.length <= 256 * 2.5);
  });

  it("ends the suffix at a line end, and splits no character", () => {
    const { suffix } = cutToContext({ header: "", prefix: "a", suffix: `\n${lines(100)}` }, limits);
    assert.match(suffix, /^\nline number 0\n.*line number \d+$/s);
    const emoji = cutToContext({ header: "", prefix: "😀".repeat(1000), suffix: "😀".repeat(1000) }, limits);
    for (const text of [emoji.prefix, emoji.suffix]) assert.ok(!/\p{Surrogate}/u.test(text) && text.length > 10);
  });
});

describe("healing by text", () => {
  it("takes a space or a piece from the end, but no indentation alone at a line start", () => {
    assert.deepEqual(healPrefix("return ", "space"), { prefix: "return", typed: " " });
    assert.deepEqual(healPrefix("return foo", "space"), { prefix: "return foo", typed: "" });
    assert.deepEqual(healPrefix("\n ", "space"), { prefix: "\n ", typed: "" });
    assert.deepEqual(healPrefix("\n    ", "space"), { prefix: "\n   ", typed: " " });
    assert.deepEqual(healPrefix("return foo", "piece"), { prefix: "return", typed: " foo" });
    assert.deepEqual(healPrefix("a.b(", "piece"), { prefix: "a.b", typed: "(" });
    assert.deepEqual(healPrefix("x".repeat(99), "piece"), { prefix: "x".repeat(99), typed: "" });
  });

  it("removes what was typed from the answer, as far as it is there", () => {
    assert.equal(withoutTyped(" foobar", " foo"), "bar");
    assert.equal(withoutTyped(" f", " foo"), "");
    assert.equal(withoutTyped("5;", " "), "5;");
    assert.equal(withoutTyped("x", ""), "x");
  });
});

import assert from "node:assert/strict";
import { Candidate } from "../../eval/candidate";
import { firstLine } from "../../../src/completion/core/ranking/lineCandidates";
import { Repositories } from "../../eval/workspace";
import { completePlace } from "../../eval/complete";
import { bitsPerCharacter, counts, difference, placeFigures, sameText } from "../../eval/figures";
import { drawTexts, evaluate } from "../../eval/evaluate";
import { heldOutFiles, readSourceFiles, type SourceFile } from "../../eval/files";
import { parseOptions } from "../../eval/options";
import type { Place } from "../../eval/places";
import { typeLine } from "../../eval/typing";
import { FakeModel, FakeTokenizer, saying } from "../generation/fakes";

const tokenizer = new FakeTokenizer();
const file: SourceFile = { repo: "r", path: "a.ts", lang: "typescript", text: "" };
const place = (overrides: Partial<Place>): Place => ({
  ...{ file, language: "typescript", kind: "after (", suffix: "", wanted: "1);" },
  prefix: "let a = f(",
  ...overrides,
});

/** A model that writes `script` after the place's prefix. */
const writes = (script: string, { prefix }: Place, header = "// a.ts\n") =>
  new Candidate("fake", new FakeModel(200, saying(script, header + prefix)), tokenizer, undefined);

describe("evaluation: completing at a place", () => {
  it("finds the rest of the line", async () => {
    const inLine = place({});
    const right = await completePlace(writes("1);\nlet b;\n", inLine), inLine, false);
    assert.deepEqual([right.found, right.exact, right.similarity], ["1);", true, 100]);
    const wrong = await completePlace(writes("2);\n", inLine), inLine, false);
    assert.equal(wrong.exact, false);
    assert.ok(Math.abs(wrong.similarity - 100 * (2 / 3)) < 1e-9);
    assert.ok(right.promptTokens > 0 && right.lineMs >= 0);
  });

  it("finds the next line at a line's end, if it follows as many blank lines", async () => {
    const lineEnd = place({ prefix: "a();", wanted: "\n\nb();", kind: "line end" });
    assert.equal((await completePlace(writes("\n\nb();\n", lineEnd), lineEnd, false)).exact, true);
    assert.equal((await completePlace(writes("\nb();\n", lineEnd), lineEnd, false)).exact, false);
  });

  it("keeps the model's own text beside what is shown", async () => {
    // There is nothing open that the text's bracket could close.
    const closed = place({ prefix: "a = ", wanted: "b)", kind: "after =" });
    const outcome = await completePlace(writes("b)\n", closed), closed, false);
    assert.deepEqual([outcome.raw, outcome.found], ["b)", "b"]);
    assert.deepEqual([outcome.rawExact, outcome.exact], [true, false]);
    assert.equal(placeFigures([outcome]).lost, 1);
  });

  it("takes the first line that is not blank", () => {
    assert.equal(firstLine("\n  a  \nb"), "\n  a");
    assert.equal(firstLine(" \n"), "");
  });
});

describe("evaluation: typing a line", () => {
  const line = place({ prefix: "a();\n", wanted: "let b = foo();", kind: "new line" });

  it("accepts what is right, at the cost of a key", async () => {
    const { saved, requests } = await typeLine(writes("let b = foo();\n", line), line);
    assert.deepEqual([saved, requests], [line.wanted.length - 1, 1]);
  });

  it("asks again where something else is typed, and keeps a ghost text that is typed along", async () => {
    const start = `// a.ts\n${line.prefix}`;
    const text = (tokens: readonly number[]) => tokenizer.decode(tokens.filter((token) => !tokenizer.isSpecial(token)));
    /** Is right once `b` is there. */
    const model = new FakeModel(200, (tokens) =>
      saying(text(tokens).includes("let b") ? "let b = foo();\n" : "let c;\n", start)(tokens),
    );
    const { saved, requests } = await typeLine(new Candidate("fake", model, tokenizer, undefined), line);
    assert.equal(saved, " = foo();".length - 1);
    assert.ok(requests >= 2 && requests < "let b".length, String(requests));
  });

  it("saves nothing when nothing is right", async () => {
    const { saved, requests } = await typeLine(writes("", line), line);
    assert.deepEqual([saved, requests], [0, line.wanted.length]);
  });
});

describe("evaluation: figures", () => {
  it("counts characters that a person is spared", async () => {
    const long = place({ prefix: "x = ", wanted: "123456789", kind: "after =" });
    const outcomes = [
      await completePlace(writes("123456789\n", long), long, false),
      await completePlace(writes("2\n", place({})), place({}), false),
    ];
    const { exactMatch, savedCharacters } = placeFigures(outcomes);
    assert.equal(exactMatch.value, 50);
    assert.equal(savedCharacters.value, 75);
    assert.equal(difference(outcomes, outcomes, counts.exactMatch).value, 0);
    assert.equal(sameText(outcomes, outcomes), 100);
    assert.equal(sameText(outcomes, outcomes.toReversed()), 0);
    const other = outcomes.map((outcome) => ({ ...outcome, exact: false }));
    assert.equal(difference(other, outcomes, counts.exactMatch).value, -50);
  });

  it("has every model read every text and complete at every place", async () => {
    const files = (await heldOutFiles()).slice(0, 2).map((source) => ({ ...source, text: source.text.slice(0, 300) }));
    const candidates = ["one", "two"].map(
      (name) =>
        new Candidate(name, new FakeModel(400, () => new Float32Array(tokenizer.vocabSize)), tokenizer, undefined),
    );
    const shares: number[] = [];
    const single = [place({})];
    const tasks = {
      places: single,
      lines: single,
      texts: files,
      workspace: "none",
      repositories: new Repositories([]),
    } as const;
    const evaluations = await evaluate(candidates, tasks, (share) => shares.push(share));
    assert.deepEqual(shares, [0.25, 0.5, 0.75, 1]);
    for (const { withSuffix, withoutSuffix, losses, lines } of evaluations) {
      assert.deepEqual([withSuffix.length, withoutSuffix.length, losses.length, lines.length], [1, 1, 2, 1]);
    }
    const [one] = evaluations;
    const tokens = one?.losses.reduce((sum, { loss }) => sum + loss.tokens, 0) ?? 0;
    const expected = (tokens * Math.log2(tokenizer.vocabSize)) / 600;
    assert.ok(Math.abs((one ? bitsPerCharacter(one).value : 0) - expected) < 1e-6);
  });

  it("draws texts of every language, long ones cut at a line end", async () => {
    const files = await heldOutFiles();
    const texts = drawTexts(files, 30_000, 1);
    assert.deepEqual(texts, drawTexts(files, 30_000, 1));
    const characters = texts.reduce((sum, { text }) => sum + text.length, 0);
    assert.ok(characters >= 30_000 && characters < 30_000 + 12_000);
    assert.ok(texts.some(({ lang }) => lang === "python") && texts.some(({ lang }) => lang === "javascript"));
    const [long] = drawTexts([{ ...file, text: "a line\n".repeat(4000) }], 1, 1);
    assert.ok(long && long.text.length <= 12_000 && long.text.endsWith("a line\n"));
    assert.equal(drawTexts([file], 1e9, 1).length, 1);
  });

  it("understands its command line", () => {
    const options = parseOptions(["--model", "a.gguf", "--model", "b", "--places", "12", "--precision", "f32"]);
    assert.deepEqual([options.models, options.places, options.precision], [["a.gguf", "b"], 12, "f32"]);
    assert.match(parseOptions([]).models.join(), /^models\/gpt2-code-mini\/.*gguf$/);
    assert.throws(() => parseOptions(["--places", "many"]), /--places/);
    assert.throws(() => parseOptions(["--precision", "int4"]), /--precision/);
    assert.throws(() => parseOptions(["--moddel", "a"]), /moddel/);
  });

  it("reads files, and says which line is none", async () => {
    const files = await heldOutFiles();
    assert.ok(files.length > 40 && files.every(({ text }) => text.length > 0 && !text.includes("\r")));
    await assert.rejects(readSourceFiles("package.json"), SyntaxError);
  });
});

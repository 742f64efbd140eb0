import assert from "node:assert/strict";
import { RowPacker } from "../../../models/training/rows";
import { fillInTheMiddle, runningText } from "../../../models/training/samples";
import { seededRandom } from "../../../src/generation/sampling/random";
import { tokenizerFor } from "../../../src/tokenizer/tokenizerFor";

const tokenizer = tokenizerFor({ tokenizer: "p50k_edit", vocabSize: 50284 });
const fim = { prefix: 50281, middle: 50282, suffix: 50283 };
const text = Array.from({ length: 200 }, (_, i) => `  const value${i} = compute(${i}, "part ${i}");\n`).join("");
const file = { repo: "a/b", path: "src/values.ts", lang: "typescript", text };

/** A sample's pieces by the special tokens that stand before them. */
function pieces(sample: readonly number[]): { order: number[]; texts: string[] } {
  const isSpecial = (token: number) => token >= 50281 || token === tokenizer.endOfText;
  const order = sample.filter(isSpecial);
  const texts: string[] = [];
  for (const token of sample) {
    if (isSpecial(token)) texts.push("");
    else texts.push((texts.pop() ?? "") + tokenizer.decode([token]));
  }
  return { order, texts };
}

function samples(count: number): number[][] {
  const random = seededRandom(5);
  return Array.from({ length: count }, () => fillInTheMiddle(tokenizer, fim, file, 512, random) ?? []);
}

describe("fillInTheMiddle", () => {
  it("has the extension's layout, mostly", () => {
    const orders = samples(200).map((sample) => pieces(sample).order.join());
    const end = tokenizer.endOfText;
    assert.deepEqual([...new Set(orders)], [[end, fim.prefix, fim.suffix, fim.middle, end].join()]);
    const suffixFirst = samples(200).filter((sample) => sample[2] === fim.suffix).length;
    assert.ok(suffixFirst >= 160 && suffixFirst < 200, String(suffixFirst));
  });

  it("puts together the text that it was cut from", () => {
    for (const sample of samples(100)) {
      assert.ok(sample.length <= 512);
      const { order, texts } = pieces(sample);
      if (order[1] !== fim.prefix || texts[1] !== "") continue;
      const written = (texts[3] ?? "").replace(/^\/\/ src\/values\.ts\n/, "");
      assert.ok(text.includes(written + (texts[2] ?? "")), JSON.stringify(texts));
    }
  });

  it("has tokens across the cursor that running text has there", () => {
    for (const sample of samples(50)) {
      const middle = sample.indexOf(fim.middle);
      if (sample[2] !== fim.suffix) continue;
      const written = sample.slice(middle + 1, -1);
      assert.deepEqual(written, tokenizer.encode(tokenizer.decode(written)));
    }
  });

  it("gives nothing for a text too short for a middle", () => {
    assert.equal(fillInTheMiddle(tokenizer, fim, { ...file, text: "" }, 512, seededRandom(1)), undefined);
  });
});

describe("RowPacker", () => {
  it("keeps samples whole, fills up with running text and drops no token of it but the last few", () => {
    const rows: number[][] = [];
    const packer = new RowPacker(64, (row) => rows.push([...row]));
    const running = Array.from({ length: 1000 }, (_, i) => 1000 + i);
    assert.equal(packer.addSample(Array.from({ length: 40 }, () => 7)), true);
    assert.equal(packer.addSample(Array.from({ length: 40 }, () => 8)), false, "nothing to fill the row with");
    packer.addRunningText(running);
    assert.equal(packer.addSample(Array.from({ length: 40 }, () => 9)), true);
    packer.flush();
    assert.ok(rows.every((row) => row.length === 64));
    assert.deepEqual(
      rows.flat().filter((token) => token >= 1000),
      running.slice(0, rows.length * 64 - 80),
    );
    assert.deepEqual(
      rows[1]?.slice(0, 40),
      Array.from({ length: 40 }, () => 9),
    );
  });
});

describe("runningText", () => {
  it("begins with the end of the text before, and now and then with the path", () => {
    const random = seededRandom(2);
    const texts = Array.from({ length: 40 }, () => runningText(tokenizer, { ...file, text: "x = 1" }, random));
    assert.ok(texts.every((tokens) => tokens[0] === tokenizer.endOfText));
    const headed = texts.filter((tokens) => tokenizer.decode(tokens.slice(1)) === "// src/values.ts\nx = 1");
    assert.ok(headed.length > 20 && headed.length < 40, String(headed.length));
  });
});

import assert from "node:assert/strict";
import { drawMiddle } from "../../../models/training/middles";
import { seededRandom, type Random } from "../../../src/generation/sampling/random";

const text = `export function area(shape) {
  if (shape.kind === "circle") {
    const r = shape.radius;

    return Math.PI * r * r;
  }
  return call(shape.width, [shape.height]);
}
`;

/** Gives these numbers, then zeros. */
function scripted(...numbers: readonly number[]): Random {
  const rest = [...numbers];
  return () => rest.shift() ?? 0;
}

/** What is cut out with the cursor after `before` and a middle of the kind that `kind` stands for. */
function cut(before: string, kind: number, ...more: readonly number[]): string | undefined {
  const cursor = text.indexOf(before) + before.length;
  const middle = drawMiddle(text, scripted((cursor + 0.5) / text.length, kind, ...more));
  return middle && text.slice(middle.start, middle.end);
}

describe("drawMiddle", () => {
  it("cuts the rest of the line", () => {
    assert.equal(cut("return Math.", 0.1), "PI * r * r;");
    assert.equal(cut("return Math.PI * r * r;", 0.1), undefined);
  });

  it("leaves the brackets that an editor closes by itself", () => {
    assert.equal(cut("return call(", 0.4), "shape.width, [shape.height");
    assert.equal(cut("const r = ", 0.4), "shape.radius;");
  });

  it("cuts inside a line", () => {
    assert.equal(cut("const r = ", 0.55, 0.5), "shape.r");
  });

  it("cuts several lines, to a line's end", () => {
    assert.equal(cut("const r = ", 0.7, 0.3), "shape.radius;\n\n    return Math.PI * r * r;");
  });

  it("cuts the block that the line opens, with the bracket that closes it", () => {
    const block = '"circle") {\n    const r = shape.radius;\n\n    return Math.PI * r * r;\n  }';
    assert.equal(cut("shape.kind === ", 0.9), block);
    assert.equal(cut("const r = ", 0.9), undefined);
  });

  it("never leaves the text, and always cuts something", () => {
    const random = seededRandom(3);
    const middles = Array.from({ length: 20_000 }, () => drawMiddle(text, random)).filter((m) => m !== undefined);
    assert.ok(middles.length > 12_000);
    for (const { start, end } of middles) assert.ok(start >= 0 && start < end && end <= text.length, `${start} ${end}`);
    assert.equal(drawMiddle("", random), undefined);
  });
});

import assert from "node:assert/strict";
import { HeldOutTexts } from "../../../models/training/heldOut";

/** A text of lines that stand nowhere else. */
function lines(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `const ${name}${i} = compute(${i});`);
}

describe("HeldOutTexts", () => {
  const texts = new HeldOutTexts();
  texts.add(lines("held", 40).join("\n"));

  it("finds a copy, also one that is indented, renamed and part of another file", () => {
    assert.ok(texts.hasCopyOf(lines("held", 40).join("\n")));
    const indented = lines("held", 20).map((line) => `    ${line}\r`);
    assert.ok(texts.hasCopyOf([...lines("own", 10), ...indented].join("\n")));
  });

  it("leaves alone what shares some lines", () => {
    assert.ok(!texts.hasCopyOf(lines("own", 40).join("\n")));
    assert.ok(!texts.hasCopyOf([...lines("own", 40), ...lines("held", 8)].join("\n")));
    assert.ok(!texts.hasCopyOf(""));
  });

  it("does not count lines that stand everywhere", () => {
    const braces = new HeldOutTexts();
    braces.add("}\n".repeat(50));
    assert.ok(!braces.hasCopyOf("}\n".repeat(50)));
  });
});

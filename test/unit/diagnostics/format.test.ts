import assert from "node:assert/strict";
import {
  age,
  bits,
  brackets,
  byteSize,
  insertion,
  logit,
  milliseconds,
  percent,
  scientific,
  tensorNumber,
  tokensPerSecond,
  visibleText,
} from "../../../src/diagnostics/webview/format";

describe("visibleText", () => {
  it("shows white space", () => assert.equal(visibleText("\treturn a;\r\n"), "→return·a;␍↵"));

  it("spells out what would hide or turn text around", () => {
    assert.equal(visibleText("a\u202Eb\u200Bc\u0000d\u00A0"), "a⟨U+202E⟩b⟨U+200B⟩c⟨U+0000⟩d⟨U+00A0⟩");
  });

  it("leaves every other character alone", () => assert.equal(visibleText("<b>é漢🙂\uFFFD"), "<b>é漢🙂\uFFFD"));
});

describe("insertion", () => {
  it("takes text, and nothing that only the model knows", () => {
    for (const text of ["a", " ", "\n", "<|", "<|a"]) assert.equal(insertion(text), text);
    for (const text of ["<|endoftext|>", "\uFFFD", ""]) assert.equal(insertion(text), "");
  });

  it("adds only what is not there", () => {
    assert.equal(insertion("return", "ret"), "urn");
    assert.equal(insertion("ret", "ret"), "");
    assert.equal(insertion("re", "ret"), "");
  });
});

describe("figures", () => {
  it("writes probabilities", () => {
    assert.deepEqual([1, 0.9712, 0.0345, 0.00004, 0].map(percent), [
      "100.0 %",
      "97.1 %",
      "3.45 %",
      "< 0.01 %",
      "0.00 %",
    ]);
  });

  it("writes times", () => {
    assert.deepEqual([0.4231, 7.46, 812.4, 3400].map(milliseconds), ["0.42 ms", "7.5 ms", "812 ms", "3.4 s"]);
    assert.deepEqual([400, 59_000, 720_000, 7_200_000].map(age), ["0 s", "59 s", "12 min", "2 h"]);
  });

  it("writes numbers of tensors, and what is none", () => {
    assert.deepEqual([0.12345678, -2, 3e-9, null].map(tensorNumber), ["0.1234568", "-2", "3e-9", "none"]);
    assert.deepEqual([0, 2.44e-7, null].map(scientific), ["0", "2.4e-7", "none"]);
    assert.deepEqual([12.5, null].map(logit), ["12.500", "–"]);
    assert.deepEqual([3.24, 12.3].map(bits), ["3.2 bits", "12 bits"]);
    assert.equal(brackets([12, 64]), "[12, 64]");
  });

  it("writes sizes and speeds", () => {
    assert.deepEqual([2048, 31_400_000, 1_420_000_000].map(byteSize), ["2.0 kB", "31.4 MB", "1.42 GB"]);
    assert.equal(tokensPerSecond(8, 160), "50.0");
    assert.equal(tokensPerSecond(0, 0), "–");
  });
});

import assert from "node:assert/strict";
import type { StopRule } from "../../../../src/generation/request";
import { isRepeating, stopAt } from "../../../../src/generation/decoding/stops";

/** What is kept of a text that grows by one character at a time. */
function kept(rule: StopRule, text: string, prefix = "", suffix = ""): string {
  for (let length = 1; length <= text.length; length++) {
    const end = stopAt(rule, text.slice(0, length), { prefix, suffix });
    if (end !== undefined) return text.slice(0, end);
  }
  return `${text} …`;
}

describe("stop rules", () => {
  it("line: ends at the newline after visible text", () => {
    assert.equal(kept("line", "foo();\nbar"), "foo();");
    assert.equal(kept("line", "foo();\r\nbar"), "foo();");
    assert.equal(kept("line", "\n  return 1;\nbar"), "\n  return 1;");
    assert.equal(kept("line", "foo"), "foo …");
  });

  it("none: never ends a text", () => {
    assert.equal(kept("none", "a\n\n\nb"), "a\n\n\nb …");
  });

  it("block: ends before a line that is indented less", () => {
    assert.equal(kept("block", "a = 1\n    b = 2\ndef g():", "def f():\n    "), "a = 1\n    b = 2");
    assert.equal(kept("block", "a;\n\tb;\n}\n", "f() {\n\t"), "a;\n\tb;");
  });

  it("block: ends after the bracket that closes a block opened in the cursor's line", () => {
    assert.equal(kept("block", "\n  a();\n  b();\n}\nnext();", "if (x) {"), "\n  a();\n  b();\n}");
    assert.equal(kept("block", "\n  a();\n});\nnext();", "it('x', () => {"), "\n  a();\n});");
  });

  it("block: ends a block without brackets before the line that returns to its indentation", () => {
    assert.equal(kept("block", "\n    return 1\nx = 2", "def f():"), "\n    return 1");
  });

  it("block: ends at a blank line after visible text", () => {
    assert.equal(kept("block", "a = 1\n\nb = 2"), "a = 1");
    assert.equal(kept("block", "\n\na = 1\n   \nb"), "\n\na = 1");
    assert.equal(kept("block", "\n  a;\r\n\r\n  b;", "f() {"), "\n  a;");
  });

  it("block: ends before a line that equals the next line of the file", () => {
    assert.equal(kept("block", "a();\n  b();\n  c();\n", "f() {\n  ", "\n\n  c();\n}"), "a();\n  b();");
    assert.equal(kept("block", "\n  a();\n}\n", "f() {", "\n}\n"), "\n  a();");
  });

  it("block: takes the indentation from the first visible line if the cursor is on an empty line", () => {
    assert.equal(kept("block", "    a = 1\n    b = 2\nc = 3", "def f():\n"), "    a = 1\n    b = 2");
  });
});

describe("repetition", () => {
  const cycle = (period: number, length: number) => Array.from({ length }, (_, i) => i % period);

  it("is detected for short and long periods, if there are enough tokens", () => {
    assert.ok(isRepeating([9, 8, ...cycle(1, 10)]));
    assert.ok(!isRepeating([9, 8, ...cycle(1, 9)]));
    assert.ok(isRepeating([9, 8, ...cycle(10, 30)]));
    assert.ok(!isRepeating([9, 8, ...cycle(11, 30)]));
    assert.ok(isRepeating(cycle(20, 45)));
    assert.ok(isRepeating(cycle(30, 60)));
    assert.ok(!isRepeating(cycle(31, 60)));
    assert.ok(!isRepeating([]));
  });
});

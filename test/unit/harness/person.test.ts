import assert from "node:assert/strict";
import { flickersOf, latenciesOf } from "../../harness/person/flicker";
import { judge } from "../../harness/person/judge";
import { nextStep } from "../../harness/person/nextStep";
import type { Frame, View } from "../../harness/person/view";

/** `¦` is the cursor, and what stands between « and » is ghost text. */
function seen(line: string, more: Partial<View> = {}): View {
  const [before = "", drawn = ""] = line.split("¦");
  const ghost = Array.from(drawn.matchAll(/«(.*?)»/g), ([, text]) => text).join("");
  const [shown, after] = [drawn.replaceAll(/[«»]/g, ""), drawn.replaceAll(/«.*?»/g, "")];
  return { line: 1, before, after, shown, ghost, ghostLines: [], below: [], widget: false, ...more };
}

describe("the person of the editor's bench and test", () => {
  describe("takes ghost text for right", () => {
    const cases: [title: string, view: View, goal: string, right: number][] = [
      ["that is all that is left", seen("a = ¦«b + c;»"), "a = b + c;", 6],
      ["that ends with a word", seen("a = ¦«b»"), "a = b + c;", 1],
      ["over a closer that the editor has set", seen("f(¦«a»)«;»"), "f(a);", 3],
      ["before a closer that the editor has set", seen("f(¦«a»)"), "f(a, b)", 1],
      ["that closes what it opens", seen("¦«if (a) {}»"), "if (a) {\n  b();\n}", 8],
      ["over several lines", seen("f(¦«) {»", { ghostLines: ["  a();", "}"] }), "f() {\n  a();\n}\nb", 12],
    ];
    for (const [title, view, goal, right] of cases)
      it(title, () => assert.equal(judge(view, goal.split("\n"))?.right, right));
  });

  describe("takes ghost text for wrong", () => {
    const cases: [title: string, view: View, goal: string][] = [
      ["that cuts a word", seen("a = ¦«b»"), "a = bc;"],
      ["with a letter too many", seen("a = ¦«b;»"), "a = b + c;"],
      ["that doubles a closer", seen("f(¦«a)»)"), "f(a);"],
      ["where the line is another one", seen("b = ¦«c»"), "a = c"],
    ];
    for (const [title, view, goal] of cases) it(title, () => assert.equal(judge(view, goal.split("\n"))?.right, 0));
  });

  it("takes the first word where only that is right", () => {
    assert.equal(judge(seen("a = ¦«total - b»"), ["a = total + b"])?.word, "total");
    assert.equal(judge(seen("a = ¦«total - b»"), ["a = totals"])?.word, "");
  });

  it("sees whether there is ghost text", () => assert.equal(judge(seen("a¦"), ["ab"]), undefined));

  describe("goes on", () => {
    const cases: [title: string, view: View, goal: string, step: unknown][] = [
      ["with the next letter", seen("a¦"), "ab", { kind: "type", text: "b" }],
      ["over a closer by typing it", seen("f(¦)"), "f()", { kind: "type", text: ")" }],
      ["past a tag by moving", seen("<a>¦</a>"), "<a></a>", { kind: "press", key: "End" }],
      ["without what the editor has set too much", seen("a = '¦'"), "a = 'b", { kind: "press", key: "Delete" }],
      ["without a bracket that nothing needs", seen("a¦)"), "a\nf()", { kind: "press", key: "Delete" }],
      ["with a bracket that is closed later", seen("f(¦)"), "f({\n})", { kind: "type", text: "{" }],
      ["without the asterisk of a comment", seen(" * ¦"), " */", { kind: "press", key: "Backspace" }],
      ["to the next line", seen("a¦"), "a\nb", { kind: "press", key: "Enter" }],
      ["between braces", seen("{¦}"), "{\n  a\n}", { kind: "press", key: "Enter" }],
      ["down to a closer", seen("  a¦", { below: ["}"] }), "  a\n};", { kind: "down", column: 1 }],
      ["with less indentation", seen("    ¦"), "  a", { kind: "press", key: "Backspace" }],
      ["with more indentation", seen("¦"), "  a", { kind: "type", text: " " }],
      ["past an empty line that the editor has indented", seen("  ¦"), "\na", { kind: "press", key: "Enter" }],
      ["without indentation at the end", seen("  ¦", { line: 2 }), "a\n", { kind: "press", key: "Backspace" }],
      ["to the end", seen("a¦"), "a", { kind: "done" }],
    ];
    for (const [title, view, goal, step] of cases)
      it(title, () => assert.deepEqual(nextStep(view, goal.split("\n"), false), step));

    it("with Tab where lines are indented by tabs", () =>
      assert.deepEqual(nextStep(seen("¦"), ["    a"], true), { kind: "press", key: "Tab" }));

    it("and says what stands there wrongly", () => {
      const step = nextStep(seen("ax¦"), ["ab"], false);
      assert.ok(step.kind === "press" && step.key === "Backspace" && step.fault?.includes("ax"), JSON.stringify(step));
    });
  });

  describe("sees ghost text flicker", () => {
    /** Frames after so many keys: the first is from before. */
    function flickers(key: string, ...lines: readonly (readonly [keys: number, line: string])[]): string[] {
      const frames: Frame[] = lines.map(([keys, line]) => ({ ...seen(line), keys, at: 10 * keys }));
      return flickersOf({ keys: [{ key, at: 0 }], frames }).map(({ why }) => why);
    }

    const calm: [title: string, key: string, ...frames: [number, string][]][] = [
      ["is typed along", "b", [0, "a¦«bc»"], [1, "ab¦«c»"]],
      ["gives way", "x", [0, "a¦«bc»"], [1, "ax¦"], [1, "ax¦«yz»"]],
      ["becomes longer", "b", [0, "a¦«bc»"], [1, "ab¦«c»"], [1, "ab¦«cd»"]],
      ["becomes longer before a closer", "b", [0, "a(¦)"], [1, "a(b¦«c»)"], [1, "a(b¦«cd»)"]],
      ["is typed along over a closer", ")", [0, "f(¦)«;»"], [1, "f()¦«;»"]],
      ["is still there in a frame of before the key", "b", [0, "a¦«bc»"], [1, "a¦«bcd»"], [1, "ab¦«cd»"]],
    ];
    for (const [title, key, ...frames] of calm)
      it(`not where it ${title}`, () => assert.deepEqual(flickers(key, ...frames), []));

    const found: [why: string, key: string, ...frames: [number, string][]][] = [
      ["vanishes", "b", [0, "a¦«bc»"], [1, "ab¦"]],
      ["changes", "b", [0, "a¦«bc»"], [1, "ab¦«d»"]],
      ["vanishes", "x", [0, "a¦"], [1, "ax¦«y»"], [1, "ax¦"]],
      ["changes", "x", [0, "a¦"], [1, "ax¦«y»"], [1, "ax¦«z»"]],
      ["stale", "x", [0, "a¦«bc»"], [1, "ax¦«bc»"]],
    ];
    for (const [why, key, ...frames] of found)
      it(`where it ${why === "stale" ? "is stale" : why} after “${key}”: ${frames.map(([, line]) => line).join(" ")}`, () =>
        assert.deepEqual(flickers(key, ...frames), [why]));

    it("and that it comes back", () =>
      assert.deepEqual(flickers("b", [0, "a¦«bc»"], [1, "ab¦"], [1, "ab¦«c»"]), ["vanishes", "comes back"]));
  });

  it("measures from the key to the first frame with ghost text", () => {
    const frames: Frame[] = [
      { ...seen("a¦"), keys: 0, at: 0 },
      { ...seen("ab¦"), keys: 1, at: 30 },
      { ...seen("ab¦«c»"), keys: 1, at: 50 },
    ];
    assert.deepEqual(latenciesOf({ keys: [{ key: "b", at: 10 }], frames }), [{ ms: 40, along: false }]);
  });
});

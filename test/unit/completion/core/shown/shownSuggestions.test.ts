import assert from "node:assert/strict";
import { acceptanceOf } from "../../../../../src/completion/core/shown/shownSuggestion";
import { ShownSuggestions } from "../../../../../src/completion/core/shown/shownSuggestions";
import { cursorIn } from "../support";

describe("ShownSuggestions", () => {
  let events: string[];
  let shown: ShownSuggestions;

  beforeEach(() => {
    events = [];
    shown = new ShownSuggestions({
      onShown: ({ linePrefix }) => events.push(`shown after ${linePrefix}`),
      onEnded: (accepted) => events.push(accepted ? "accepted" : "ignored"),
    });
  });

  it("counts a suggestion once while it is typed along, and not as ignored when it was typed to its end", () => {
    shown.answered(cursorIn("a|"), "bcd");
    shown.answered(cursorIn("ab|"), "cd");
    shown.answered(cursorIn("abc|"), "d");
    shown.answered(cursorIn("abcd|"), undefined);
    assert.deepEqual(events, ["shown after a"]);
    assert.equal(shown.current, undefined);
  });

  it("takes a longer form of what is left for the same suggestion", () => {
    shown.answered(cursorIn("a|"), "bc");
    shown.answered(cursorIn("ab|"), "c(d)");
    assert.deepEqual(events, ["shown after a"]);
    assert.equal(shown.current?.text, "c(d)");
  });

  it("reports a suggestion that makes way for another, or for none", () => {
    shown.answered(cursorIn("a|"), "bcd");
    shown.answered(cursorIn("ax|"), "yz");
    shown.answered(cursorIn("axq|"), undefined);
    shown.answered(cursorIn("axq |"), undefined);
    assert.deepEqual(events, ["shown after a", "ignored", "shown after ax", "ignored"]);
  });

  it("counts what follows the end of a suggestion as a new one", () => {
    shown.answered(cursorIn("a|"), "b");
    shown.answered(cursorIn("ab|"), "c");
    assert.deepEqual(events, ["shown after a", "shown after ab"]);
  });

  it("counts a suggestion in another document as a new one", () => {
    shown.answered(cursorIn("a|"), "bcd");
    shown.answered(cursorIn("a|", { document: "file:///other.ts" }), "bcd");
    assert.deepEqual(events, ["shown after a", "ignored", "shown after a"]);
  });

  it("ends with acceptance", () => {
    shown.answered(cursorIn("a|"), "bcd");
    shown.accepted();
    shown.answered(cursorIn("abcd|"), "e");
    assert.deepEqual(events, ["shown after a", "accepted", "shown after abcd"]);
  });
});

describe("acceptanceOf", () => {
  for (const [inserted, suggestion, expected] of [
    ["items.length;", "items.length;", "whole"],
    [";", ";", "whole"],
    ["items", "items.length;", "word"],
    [" b", " b + c", "word"],
    ["if (a) {", "if (a) {\n  b();\n}", "line"],
    ["if (a) {\n", "if (a) {\n  b();\n}", "line"],
    ["i", "items.length;", undefined],
    ["()", "() => b", undefined],
    ['""', '"" + c', undefined],
    ["\n  ", "\n  b();", undefined],
    ["other", "items.length;", undefined],
    ["items.lengths", "items.length;", undefined],
  ] as const) {
    it(`${JSON.stringify(inserted)} of ${JSON.stringify(suggestion)}: ${expected ?? "typed"}`, () => {
      assert.equal(acceptanceOf(inserted, suggestion), expected);
    });
  }
});

import assert from "node:assert/strict";
import {
  merge,
  noCounts,
  oneAccepted,
  oneChecked,
  oneShown,
  parseStatistics,
  sum,
} from "../../../src/statistics/counts";
import { statisticsPage } from "../../../src/statistics/page";
import { isKept, shiftRange } from "../../../src/statistics/textRange";
import { english } from "../../fixtures/localization";

describe("the counts", () => {
  const counts = sum([
    oneShown,
    oneShown,
    oneAccepted("whole", 12),
    oneAccepted("word", 4),
    oneChecked(true),
    oneChecked(false),
  ]);

  it("add up", () => {
    assert.deepEqual(counts, { shown: 2, whole: 1, line: 0, word: 1, checked: 2, kept: 1, characters: 16 });
    assert.deepEqual(merge({ go: counts }, { go: oneShown, python: oneShown }), {
      go: { ...counts, shown: 3 },
      python: oneShown,
    });
  });

  it("are read again as they were stored; whatever else is there is not read", () => {
    const data = { since: 1000, languages: { go: counts } };
    assert.deepEqual(parseStatistics(JSON.parse(JSON.stringify(data))), data);
    assert.deepEqual(parseStatistics({ since: 1000, languages: { go: { shown: "3", kept: -1, word: 2 }, c: 7 } }), {
      since: 1000,
      languages: { go: { ...noCounts, word: 2 } },
    });
    for (const damaged of [undefined, null, 7, [], { since: "today", languages: {} }, { since: 1, languages: [] }]) {
      assert.equal(parseStatistics(damaged), undefined);
    }
  });
});

describe("the page of the statistics", () => {
  it("has all languages first, then those with the most characters", () => {
    const languages = {
      go: { ...noCounts, shown: 3 },
      python: { ...noCounts, shown: 4, whole: 1, word: 2, checked: 3, kept: 2, characters: 30 },
    };
    const page = statisticsPage({ since: Date.UTC(2026, 10, 26, 12), languages }, (id) => `${id}_`, english);
    const rows = page.split("\n").filter((line) => line.startsWith("|"));
    assert.deepEqual(rows.slice(2), [
      "| **All languages** | 7 | 1 (14 %) | 0 | 2 | 2 of 3 | 30 |",
      String.raw`| python\_ | 4 | 1 (25 %) | 0 | 2 | 2 of 3 | 30 |`,
      String.raw`| go\_ | 3 | 0 (0 %) | 0 | 0 | – | 0 |`,
    ]);
    assert.match(page, /^# GPT-2 Statistics\n\nSince .*2026/);
  });

  it("says so when nothing was counted yet", () => {
    const page = statisticsPage({ since: 0, languages: {} }, (id) => id, english);
    assert.ok(page.includes("Nothing was suggested yet."));
    assert.ok(!page.includes("|"));
  });
});

describe("a text in a document that changes", () => {
  const change = (rangeOffset: number, rangeLength: number, text: string) => ({ rangeOffset, rangeLength, text });

  /** Follows `[text]` of a document through a change. */
  function follow(document: string, { rangeOffset, rangeLength, text }: ReturnType<typeof change>) {
    const range = { start: document.indexOf("["), end: document.indexOf("]") + 1 };
    const changed = document.slice(0, rangeOffset) + text + document.slice(rangeOffset + rangeLength);
    const { start, end } = shiftRange(range, change(rangeOffset, rangeLength, text));
    return changed.slice(start, end);
  }

  it("moves with what is inserted and deleted before it, and stays for what is after it", () => {
    assert.equal(follow("ab[text]cd", change(0, 1, "xyz")), "[text]");
    assert.equal(follow("ab[text]cd", change(2, 0, "xyz")), "[text]");
    assert.equal(follow("ab[text]cd", change(0, 2, "")), "[text]");
    assert.equal(follow("ab[text]cd", change(8, 0, "xyz")), "[text]");
  });

  it("grows and shrinks with changes inside", () => {
    assert.equal(follow("ab[text]cd", change(4, 2, "long")), "[tlongt]");
    assert.equal(follow("ab[text]cd", change(3, 4, "")), "[]");
    assert.equal(follow("ab[text]cd", change(1, 8, "Z")), "Z");
  });

  it("is kept as long as only its white space differs", () => {
    assert.ok(isKept("if (a) {\n  b();\n}", "if (a) {\n\tb();\n}"));
    assert.ok(isKept("items.length", "items.length"));
    assert.ok(!isKept("items.length", "items.size"));
    assert.ok(!isKept("items.length", ""));
  });
});

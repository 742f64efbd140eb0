import assert from "node:assert/strict";
import type { Outcome } from "../../harness/outcomes";
import { formatVerdict, groupsToRepeat, judge } from "../../harness/secondRun";

/** Outcomes of `GROUP/TITLE`: passed, failed with `!`, hidden with `?`; a hook that failed with `#`, or `#?` if it hid tests. */
function run(...shorts: readonly string[]): Outcome[] {
  return shorts.map((short): Outcome => {
    const [, group = "", name = "", mark = ""] = /^(.*)\/(.*?)(!|\?|#\??)?$/.exec(short) ?? [];
    const title = `${group} ${name}`;
    if (mark.startsWith("#"))
      return { group, title, kind: "hook", state: "failed", error: "hook", hides: mark === "#?" };
    if (mark === "!") return { group, title, kind: "test", state: "failed", error: "first error\n    at here" };
    return { group, title, kind: "test", state: mark === "?" ? "hidden" : "passed" };
  });
}

function counts(first: readonly Outcome[], second?: readonly Outcome[]): string {
  const { passed, failed, unstable = 0 } = judge(first, second).counts;
  return `${passed} passed, ${failed} failed, ${unstable} unstable`;
}

describe("groupsToRepeat", () => {
  it("are those in which something failed or did not run, once each", () => {
    assert.deepEqual(groupsToRepeat(run("a/x!", "a/y!", "b/x", "c/x", "c/after#")), ["a", "c"]);
    assert.deepEqual(groupsToRepeat(run("a/x", "b/x")), []);
  });

  it("are none when more than three failed", () => {
    assert.deepEqual(groupsToRepeat(run("a/x!", "b/x!", "c/x!")), ["a", "b", "c"]);
    assert.deepEqual(groupsToRepeat(run("a/x!", "b/x!", "c/x!", "c/after#")), []);
  });

  it("are some though a hook hid many tests: one thing failed", () => {
    assert.deepEqual(groupsToRepeat(run("a/1?", "a/2?", "a/3?", "a/4?", "a/before#?")), ["a"]);
  });
});

describe("judge", () => {
  it("counts each test of one run", () => {
    assert.equal(counts(run("a/x", "a/y!", "a/z?")), "1 passed, 2 failed, 0 unstable");
  });

  it("counts a hook only when it hid no test", () => {
    assert.equal(counts(run("a/x?", "a/y?", "a/before#?")), "0 passed, 2 failed, 0 unstable");
    assert.equal(counts(run("a/x", "a/after#")), "1 passed, 1 failed, 0 unstable");
  });

  it("takes a test for passed that fails in the first run only, and tells it", () => {
    const [first, second] = [run("a/x!", "a/y", "b/x"), run("a/x", "a/y")];
    assert.equal(counts(first, second), "3 passed, 0 failed, 1 unstable");
    assert.equal(
      formatVerdict(judge(first, second)),
      "passed only in the second run:\n  a x\n      first error\n          at here",
    );
  });

  it("takes a test for failed that fails in both runs", () => {
    const [first, second] = [run("a/x!", "a/y", "b/x!"), run("a/x!", "a/y", "b/x")];
    assert.equal(counts(first, second), "2 passed, 1 failed, 1 unstable");
    assert.match(
      formatVerdict(judge(first, second)),
      /^passed only in the second run:\n {2}b x\n[^]*\nfailed:\n {2}a x\n/,
    );
  });

  it("takes a test for failed that the second run does not have", () => {
    assert.equal(counts(run("a/x!", "a/y"), run("a/y")), "1 passed, 1 failed, 0 unstable");
    assert.equal(counts(run("a/x!", "a/y"), []), "1 passed, 1 failed, 0 unstable");
  });

  it("takes a test for failed that neither run came to", () => {
    const [first, second] = [run("a/x?", "a/y?", "a/before#?"), run("a/x", "a/y?", "a/beforeEach#?")];
    assert.equal(counts(first, second), "1 passed, 1 failed, 1 unstable");
  });

  it("takes hidden tests for passed that pass in the second run", () => {
    const [first, second] = [run("a/x?", "a/y?", "a/before#?"), run("a/x", "a/y")];
    assert.equal(counts(first, second), "2 passed, 0 failed, 2 unstable");
    assert.match(formatVerdict(judge(first, second)), /^passed only in the second run:\n {2}a before\n {6}hook\n/);
  });

  it("takes a hook for failed that fails in both runs, whichever test it is for", () => {
    const [first, second] = [run("a/x", "a/afterX#"), run("a/x", "a/afterY#")];
    assert.equal(counts(first, second), "1 passed, 2 failed, 0 unstable");
  });

  it("tells what fails in the second run only", () => {
    const [first, second] = [run("a/x!", "a/y"), run("a/x", "a/y!")];
    assert.equal(counts(first, second), "2 passed, 0 failed, 2 unstable");
    assert.match(formatVerdict(judge(first, second)), /passed only in the first run:\n {2}a y\n/);
  });

  it("takes all for failed that failed once when there are more than three of them", () => {
    const first = run("a/1!", "a/2!", "a/3", "a/4", "a/5");
    assert.equal(counts(first, run("a/1", "a/2", "a/3!", "a/4!", "a/5")), "1 passed, 4 failed, 0 unstable");
    assert.equal(counts(first, run("a/1", "a/2", "a/3!", "a/4", "a/5")), "5 passed, 0 failed, 3 unstable");
  });

  it("tells tests of the same title apart", () => {
    assert.equal(counts(run("a/x", "a/x!"), run("a/x", "a/x!")), "1 passed, 1 failed, 0 unstable");
    assert.equal(counts(run("a/x", "a/x!", "b/x"), run("a/x", "a/x")), "3 passed, 0 failed, 1 unstable");
  });
});

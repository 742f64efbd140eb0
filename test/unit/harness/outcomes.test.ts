import assert from "node:assert/strict";
import Mocha from "mocha";
import {
  formatOutcome,
  grepIn,
  outermostSuite,
  parseOutcomes,
  watchOutcomes,
  type Outcome,
} from "../../harness/outcomes";
import { runMocha } from "../../harness/results";

/** A suite with tests that pass, fail (with `!` at the end of their names) or are skipped (`?`), and hooks that fail. */
interface Plan {
  readonly tests?: readonly string[];
  readonly before?: boolean;
  readonly beforeEach?: boolean;
  readonly after?: boolean;
  readonly suites?: Readonly<Record<string, Plan>>;
}

function fail(): never {
  throw new Error("no");
}

function fill(suite: Mocha.Suite, { tests = [], suites = {}, ...hooks }: Plan): void {
  if (hooks.before) suite.beforeAll(fail);
  if (hooks.beforeEach) suite.beforeEach(fail);
  if (hooks.after) suite.afterAll(fail);
  for (const test of tests) {
    const work = test.endsWith("!") ? fail : () => undefined;
    suite.addTest(test.endsWith("?") ? new Mocha.Test(test) : new Mocha.Test(test, work));
  }
  for (const [title, plan] of Object.entries(suites)) fill(Mocha.Suite.create(suite, title), plan);
}

async function outcomesOf(suites: Readonly<Record<string, Plan>>, grep = /(?:)/): Promise<Outcome[]> {
  const mocha = new Mocha({ reporter: Mocha.reporters.Base });
  mocha.grep(grep);
  fill(mocha.suite, { suites });
  let outcomes: () => Outcome[] = () => [];
  await runMocha(mocha, (runner) => (outcomes = watchOutcomes(runner, grep, outermostSuite)));
  return outcomes();
}

/** Outcomes in short: the state, what hides tests, and the title. */
function short(outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ state, hides, title }) => `${state}${hides === true ? ", hides" : ""}: ${title}`);
}

describe("watchOutcomes", () => {
  it("tells each test once, with its error and its outermost suite", async () => {
    const outcomes = await outcomesOf({ a: { tests: ["x", "y!", "z?"], suites: { b: { tests: ["x"] } } } });
    assert.deepEqual(short(outcomes), ["passed: a x", "failed: a y!", "hidden: a z?", "passed: a b x"]);
    assert.match(outcomes[1]?.error ?? "", /^Error: no\n/);
    assert.deepEqual(new Set(outcomes.map(({ group }) => group)), new Set(["a"]));
  });

  it("leaves out the tests that were not asked for", async () => {
    assert.deepEqual(short(await outcomesOf({ a: { tests: ["x", "y"] } }, /y/)), ["passed: a y"]);
  });

  it("tells a test that a failed hook hid", async () => {
    const outcomes = await outcomesOf({
      all: { before: true, tests: ["x"], suites: { inner: { tests: ["y"] } } },
      each: { beforeEach: true, tests: ["x", "y"] },
      after: { after: true, tests: ["x"] },
    });
    assert.deepEqual(short(outcomes), [
      "hidden: all x",
      "hidden: all inner y",
      "hidden: each x",
      "hidden: each y",
      "passed: after x",
      'failed, hides: all "before all" hook: fail for "x"',
      'failed, hides: each "before each" hook: fail for "x"',
      'failed: after "after all" hook: fail for "x"',
    ]);
  });

  it("is told line by line between other output", () => {
    const outcome: Outcome = { group: "a", title: "a x", kind: "test", state: "failed", error: "two\nlines" };
    assert.deepEqual(parseOutcomes(["noise", formatOutcome(outcome), "noise"]), [outcome]);
  });
});

describe("grepIn", () => {
  it("asks for all of some suites, and for nothing else", () => {
    const grep = new RegExp(grepIn(["a (b)", "c"]), "i");
    assert.deepEqual(
      ["a (b) x", "c d y", "cd y", "x c d", "ab x"].filter((title) => grep.test(title)),
      ["a (b) x", "c d y"],
    );
  });

  it("keeps to what was asked for", () => {
    const grep = new RegExp(grepIn(["a", "b"], "x|^b y"), "i");
    assert.deepEqual(
      ["a x", "a y", "b y", "c x"].filter((title) => grep.test(title)),
      ["a x", "b y"],
    );
  });
});

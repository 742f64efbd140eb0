/** What came of the tests of one run, in Node or in an extension host. */
export interface Outcome {
  /** What is run again as a whole: a test file, or a suite that is in no other one. */
  readonly group: string;
  /** With the titles of the suites around it. */
  readonly title: string;
  /** A hook is reported only when it failed. */
  readonly kind: "test" | "hook";
  /** `hidden`: it did not run, for a hook before it failed, or it is marked as skipped. */
  readonly state: "passed" | "failed" | "hidden";
  /** What a failed one said, or why it did not run. */
  readonly error?: string;
  /** Whether tests did not run because of this hook: it counts as they do. */
  readonly hides?: boolean;
}

const MARK = "@@outcome ";

/** The line that reports an outcome to the harness, from an extension host. */
export function formatOutcome(outcome: Outcome): string {
  return MARK + JSON.stringify(outcome);
}

/** The outcomes that are reported in a runner's output, line by line. */
export function parseOutcomes(output: readonly string[]): Outcome[] {
  return output.filter((line) => line.startsWith(MARK)).map((line) => JSON.parse(line.slice(MARK.length)) as Outcome);
}

/** What to say about an error. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Follows a run that has not begun.
 * @param grep which full titles are run
 * @param groupOf the group of a test or hook
 * @returns a function to call when the run has ended: the outcome of each test and each hook that failed.
 */
export function watchOutcomes(
  runner: Mocha.Runner,
  grep: RegExp,
  groupOf: (it: Mocha.Runnable) => string,
): () => Outcome[] {
  const errors = new Map<Mocha.Runnable, string>();
  runner.on("fail", (it: Mocha.Runnable, error: unknown) => {
    if (!errors.has(it)) errors.set(it, reasonOf(error));
  });
  return () => {
    const tests = testsIn(runner.suite, grep);
    const known = new Set<Mocha.Runnable>(tests);
    const outcomes = tests.map((test): Outcome => {
      const [group, title, error] = [groupOf(test), test.fullTitle(), errors.get(test)];
      if (error !== undefined) return { group, title, kind: "test", state: "failed", error };
      if (test.isPassed()) return { group, title, kind: "test", state: "passed" };
      return { group, title, kind: "test", state: "hidden", error: "It did not run." };
    });
    for (const [it, error] of errors) {
      if (known.has(it)) continue;
      const hides = it.parent !== undefined && testsIn(it.parent, grep).some((test) => isHidden(test, errors));
      outcomes.push({ group: groupOf(it), title: it.fullTitle(), kind: "hook", state: "failed", error, hides });
    }
    return outcomes;
  };
}

/** The outermost suite around a test or hook. */
export function outermostSuite(it: Mocha.Runnable): string {
  let suite = it.parent;
  while (suite?.parent && !suite.parent.root) suite = suite.parent;
  return suite?.title ?? "";
}

/** An expression for the tests in these outermost suites whose full titles match `grep`, too. */
export function grepIn(suites: readonly string[], grep = ""): string {
  const titles = suites.map((title) => title.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return `^(?=.*(?:${grep}))(?:${titles.join("|")}) `;
}

function testsIn(suite: Mocha.Suite, grep: RegExp): Mocha.Test[] {
  const tests: Mocha.Test[] = [];
  suite.eachTest((test) => {
    if (grep.test(test.fullTitle())) tests.push(test);
  });
  return tests;
}

function isHidden(test: Mocha.Test, errors: ReadonlyMap<Mocha.Runnable, string>): boolean {
  return !errors.has(test) && !test.isPassed();
}

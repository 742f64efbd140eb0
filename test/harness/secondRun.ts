import type { Outcome } from "./outcomes";
import { formatCounts, VERDICT_MARK, type Counts } from "./results";

/** So many tests may fail in one of two runs: more are no accident. */
const MOST_UNSTABLE = 3;

/** What two runs come to. */
export interface Verdict {
  readonly counts: Counts;
  /** What failed, and no second run made good. */
  readonly failed: readonly Outcome[];
  /** What failed in the first run only, with its error there. */
  readonly onlyInSecond: readonly Outcome[];
  /** What failed in the second run only, which is there because others of its group had failed in the first one. */
  readonly onlyInFirst: readonly Outcome[];
}

/** The groups to be run once more: those with a failure, or none when too much has failed. */
export function groupsToRepeat(first: readonly Outcome[]): string[] {
  const failures = first.filter(isFailure);
  if (failures.length > MOST_UNSTABLE) return [];
  return Array.from(new Set(first.filter(({ state }) => state !== "passed").map(({ group }) => group)));
}

/**
 * Judges each test by both runs: it has to pass in one of them, and only a few may fail in the other one.
 * @param second of {@link groupsToRepeat}; empty when there was no second run, or it came to no end
 */
export function judge(first: readonly Outcome[], second: readonly Outcome[] = []): Verdict {
  const lenient = judgeByEither(first, second);
  const unstable = [...lenient.onlyInFirst, ...lenient.onlyInSecond];
  if (unstable.filter(isFailure).length <= MOST_UNSTABLE) return lenient;
  const failed = [...lenient.failed, ...unstable];
  return verdictOf({ failed, onlyInFirst: [], onlyInSecond: [] }, allTests(first, second));
}

/** Prints a verdict at the end of a suite's output. */
export function reportVerdict(verdict: Verdict): void {
  console.log(`\n${VERDICT_MARK}\n${formatVerdict(verdict)}\n${formatCounts(verdict.counts)}`);
}

/** What failed, and what failed in one run only, for the end of a suite's output; empty when all passed. */
export function formatVerdict({ failed, onlyInFirst, onlyInSecond }: Verdict): string {
  return [
    section("passed only in the second run", onlyInSecond),
    section("passed only in the first run", onlyInFirst),
    section("failed", failed),
  ]
    .filter((text) => text !== "")
    .join("\n\n");
}

function section(heading: string, outcomes: readonly Outcome[]): string {
  // Those that did not run, after what kept them from it.
  const sorted = [...outcomes.filter(isFailure), ...outcomes.filter((outcome) => !isFailure(outcome))];
  const entries = sorted.map(({ title, error = "" }) => `  ${title}\n${error.replaceAll(/^/gm, "      ")}`);
  return entries.length === 0 ? "" : [`${heading}:`, ...entries].join("\n");
}

function judgeByEither(first: readonly Outcome[], second: readonly Outcome[]): Verdict {
  const repeats = byKey(second);
  const [failed, onlyInFirst, onlyInSecond]: [Outcome[], Outcome[], Outcome[]] = [[], [], []];
  for (const one of first.filter(({ kind }) => kind === "test")) {
    const other = repeats.get(keyOf(one))?.shift();
    if (one.state !== "passed") (other?.state === "passed" ? onlyInSecond : failed).push(one);
    else if (other !== undefined && other.state !== "passed") onlyInFirst.push(other);
  }
  // Tests that only the second run has.
  failed.push(...[...repeats.values()].flat().filter(({ kind, state }) => kind === "test" && state !== "passed"));

  const failedIn = (run: readonly Outcome[]) => run.filter(({ kind }) => kind === "hook");
  const ran = new Set(second.map(({ group }) => group));
  const failedTwice = (group: string) =>
    [first, second].every((run) => failedIn(run).some((hook) => hook.group === group));
  for (const hook of failedIn(first)) {
    (ran.has(hook.group) && !failedTwice(hook.group) ? onlyInSecond : failed).push(hook);
  }
  for (const hook of failedIn(second)) (failedTwice(hook.group) ? failed : onlyInFirst).push(hook);
  return verdictOf({ failed, onlyInFirst, onlyInSecond }, allTests(first, second));
}

function verdictOf(lists: Omit<Verdict, "counts">, tests: number): Verdict {
  const { failed, onlyInFirst, onlyInSecond } = lists;
  const failedTests = failed.filter(({ kind }) => kind === "test").length;
  const unstable = count([...onlyInFirst, ...onlyInSecond]);
  const counts = { passed: tests - failedTests, failed: count(failed), ...(unstable > 0 && { unstable }) };
  return { counts, ...lists };
}

/** How many there are. A hook counts through the tests that it hides, if there are any. */
function count(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ hides }) => hides !== true).length;
}

/** How many tests there are in the two runs. */
function allTests(first: readonly Outcome[], second: readonly Outcome[]): number {
  const [ofFirst, ofSecond] = [byKey(first), byKey(second)];
  const keys = Array.from(new Set([...ofFirst.keys(), ...ofSecond.keys()]));
  const testsOf = (run: ReadonlyMap<string, readonly Outcome[]>, key: string) =>
    (run.get(key) ?? []).filter(({ kind }) => kind === "test").length;
  return keys.reduce((sum, key) => sum + Math.max(testsOf(ofFirst, key), testsOf(ofSecond, key)), 0);
}

/** Tests that have the same title in the same group are told apart by their order. */
function byKey(run: readonly Outcome[]): Map<string, Outcome[]> {
  const outcomes = new Map<string, Outcome[]>();
  for (const outcome of run) outcomes.set(keyOf(outcome), [...(outcomes.get(keyOf(outcome)) ?? []), outcome]);
  return outcomes;
}

function keyOf({ kind, group, title }: Outcome): string {
  return JSON.stringify([kind, group, title]);
}

/** Whether something failed by itself. */
function isFailure({ state }: Outcome): boolean {
  return state === "failed";
}

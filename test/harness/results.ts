/** How many tests passed and failed; a pending test counts as failed, for a skipped test reads as green. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** How many of those that passed did so in one of two runs only. */
  readonly unstable?: number;
}

/** Begins the line before what a suite has to say about failed tests, where it does not leave that to its runner. */
export const VERDICT_MARK = "@@verdict";

const MARK = "@@results ";

/** The line that reports the counts of a runner to the harness, wherever it runs. */
export function formatCounts(counts: Counts): string {
  return MARK + JSON.stringify(counts);
}

/** Whether a line of a runner's output reports its counts. */
export function isCountsLine(line: string): boolean {
  return line.startsWith(MARK);
}

/** The counts in a runner's output, or undefined when it did not come that far. */
export function parseCounts(output: string): Counts | undefined {
  const line = output.split("\n").findLast(isCountsLine);
  return line === undefined ? undefined : (JSON.parse(line.slice(MARK.length)) as Counts);
}

/** Runs the loaded tests of a Mocha instance, in Node or in a web worker. `listen` may watch them. */
export function runMocha(
  mocha: { run(done: (failures: number) => void): Mocha.Runner },
  listen?: (runner: Mocha.Runner) => void,
): Promise<Counts> {
  return new Promise((resolve) => {
    const runner = mocha.run((failures) => {
      const { passes = 0, pending = 0 } = runner.stats ?? {};
      resolve({ passed: passes, failed: failures + pending });
    });
    listen?.(runner);
  });
}

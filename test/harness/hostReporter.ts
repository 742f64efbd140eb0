import { reasonOf } from "./outcomes";

/** Before each line that the tests in an extension host have to say; everything else there is the editor's own noise. */
export const HOST_MARK = "@@host ";

/** Before the full title of a test that failed; its error follows. */
export const FAILED = "    ✘ ";

/** Tells on the console how each test went: from an extension host it reaches the harness line by line through the page. */
export function reportTests(runner: Mocha.Runner): void {
  const say = (text: string): void => {
    for (const line of text.split("\n")) console.log(HOST_MARK + line);
  };
  runner.on("suite", (suite) => {
    if (suite.title) say(`  ${suite.title}`);
  });
  runner.on("pass", (test) => say(`    ✔ ${test.title} (${test.duration ?? 0} ms)`));
  runner.on("pending", (test) => say(`    - ${test.title} (skipped)`));
  runner.on("fail", (test, error: unknown) => {
    say(`${FAILED}${test.fullTitle()}\n${reasonOf(error).replaceAll(/^/gm, "      ")}`);
  });
}

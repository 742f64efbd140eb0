import { stripVTControlCharacters } from "node:util";
import { FAILED } from "./hostReporter";
import { isCountsLine } from "./results";

/** What a runner's output says about the tests that failed: Mocha's list at its end, or each one of an extension host. */
export function failuresIn(output: string): string {
  const lines = stripVTControlCharacters(output).split("\n");
  const list = lines.findIndex((line) => /^ +\d+ failing$/.test(line));
  if (list < 0) return failuresInHost(lines).join("\n");
  const end = lines.findIndex((line, index) => index > list && isCountsLine(line));
  return lines
    .slice(list, end < 0 ? undefined : end)
    .join("\n")
    .trimEnd();
}

/** The titles of failed tests, each with its error, which is indented further than any title. */
function failuresInHost(lines: readonly string[]): string[] {
  let failed = false;
  return lines.filter((line) => {
    failed = line.startsWith(FAILED) || (failed && /^ {6}/.test(line));
    return failed;
  });
}

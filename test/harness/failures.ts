import { stripVTControlCharacters } from "node:util";
import { FAILED } from "./hostReporter";
import { isCountsLine, VERDICT_MARK } from "./results";

/**
 * What a runner's output says about the tests that failed: the verdict of a suite that runs some twice, or else Mocha's list at its end, or each
 * one of an extension host.
 */
export function failuresIn(output: string): string {
  const lines = stripVTControlCharacters(output).split("\n");
  const verdict = lines.lastIndexOf(VERDICT_MARK);
  if (verdict >= 0) return upToCounts(lines, verdict + 1);
  const list = lines.findIndex((line) => /^ +\d+ failing$/.test(line));
  return list < 0 ? failuresInHost(lines).join("\n") : upToCounts(lines, list);
}

function upToCounts(lines: readonly string[], begin: number): string {
  const end = lines.findIndex((line, index) => index > begin && isCountsLine(line));
  return lines
    .slice(begin, end < 0 ? undefined : end)
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

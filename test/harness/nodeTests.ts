/** Runs test/unit or test/integration in Node: `nodeTests.js unit|integration [--grep WORD]`. */
import { exitWith } from "./exit";
import { readGrep, runTestFiles } from "./mochaFiles";

const suite = process.argv[2] === "integration" ? "integration" : "unit";
exitWith(runTestFiles([`dist/test/${suite}/**/*.test.js`], { timeoutMs: 30_000, grep: readGrep() }));

/** Runs test/unit, test/integration or test/webgpu in Node: `nodeTests.js unit|integration|webgpu [--grep WORD]`. */
import { exitWith } from "./exit";
import { readGrep, runTestFiles } from "./mochaFiles";

const suite = ["integration", "webgpu"].find((name) => name === process.argv[2]) ?? "unit";
exitWith(runTestFiles([`dist/test/${suite}/**/*.test.js`], { usualMs: 30_000, grep: readGrep() }));

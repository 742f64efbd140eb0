/** Runs test/unit in Node. */
import { exitWith } from "./exit";
import { runTestFiles } from "./mochaFiles";

exitWith(runTestFiles(["dist/test/unit/**/*.test.js"], 30_000));

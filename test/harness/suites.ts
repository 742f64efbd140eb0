/** One part of `npm test`: a command with a time limit. */
export interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  readonly limitMinutes: number;
  /** `tests`: the command prints its counts (results.ts). `one`: the command as a whole is one test. */
  readonly counts: "tests" | "one";
}

const node = process.execPath;

export const SUITES: readonly Suite[] = [
  { name: "types", command: ["npm", "run", "--silent", "check:types"], limitMinutes: 4, counts: "one" },
  { name: "lint", command: ["npm", "run", "--silent", "check:lint"], limitMinutes: 4, counts: "one" },
  {
    name: "unit",
    command: [node, "--enable-source-maps", "dist/test/harness/unitTests.js"],
    limitMinutes: 10,
    counts: "tests",
  },
  { name: "host", command: [node, "dist/test/harness/hostTests.js", "node"], limitMinutes: 7, counts: "tests" },
  { name: "host-web", command: [node, "dist/test/harness/hostTests.js", "web"], limitMinutes: 7, counts: "tests" },
  {
    name: "e2e",
    command: [node, "--enable-source-maps", "dist/test/harness/e2eTests.js"],
    limitMinutes: 16,
    counts: "tests",
  },
];

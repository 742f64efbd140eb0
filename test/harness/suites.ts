import { npm } from "./processes";

/** One part of `npm test`: a command with a time limit. */
export interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  readonly limitMinutes: number;
  /** `tests`: the command prints its counts (results.ts). `one`: the command as a whole is one test. */
  readonly counts: "tests" | "one";
  /** The groups of esbuild.mjs that it runs. */
  readonly builds: readonly ("product" | "unit" | "integration" | "host" | "e2e")[];
  /** Whether it takes `--grep`. */
  readonly greps?: boolean;
}

const node = [process.execPath, "--enable-source-maps"];

export const SUITES: readonly Suite[] = [
  {
    name: "types",
    command: [...npm, "run", "--silent", "check:types"],
    limitMinutes: 4,
    counts: "one",
    builds: [],
  },
  {
    name: "lint",
    command: [...npm, "run", "--silent", "check:lint"],
    limitMinutes: 4,
    counts: "one",
    builds: [],
  },
  {
    name: "unit",
    command: [...node, "dist/test/harness/nodeTests.js", "unit"],
    limitMinutes: 10,
    counts: "tests",
    builds: ["unit"],
    greps: true,
  },
  {
    name: "integration",
    command: [...node, "dist/test/harness/nodeTests.js", "integration"],
    limitMinutes: 5,
    counts: "tests",
    builds: ["product", "integration"],
    greps: true,
  },
  {
    name: "host",
    command: [process.execPath, "dist/test/harness/hostTests.js", "node"],
    limitMinutes: 7,
    counts: "tests",
    builds: ["product", "host"],
  },
  {
    name: "host-web",
    command: [process.execPath, "dist/test/harness/hostTests.js", "web"],
    limitMinutes: 7,
    counts: "tests",
    builds: ["product", "host"],
  },
  {
    name: "e2e",
    command: [...node, "dist/test/harness/e2eTests.js"],
    limitMinutes: 16,
    counts: "tests",
    builds: ["product", "e2e"],
    greps: true,
  },
];

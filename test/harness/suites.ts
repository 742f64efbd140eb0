import { npm } from "./processes";

/** One part of `npm test`: a command with a time limit. */
export interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  readonly limitMinutes: number;
  /** `tests`: the command prints its counts (results.ts). `one`: the command as a whole is one test. */
  readonly counts: "tests" | "one";
  /** The groups of esbuild.mjs that it runs. */
  readonly builds: readonly ("product" | "unit" | "integration" | "webgpu" | "host" | "e2e")[];
  /** Runs only when it is named: a software driver takes a minute or more of two cores to compile the shaders. */
  readonly onRequest?: boolean;
  /** One core is enough for it: it runs beside the unit tests, which mostly take one as well. */
  readonly besideUnit?: boolean;
  /** Whether it takes `--grep`. */
  readonly greps?: boolean;
}

const node = [process.execPath, "--enable-source-maps"];

export const SUITES: readonly Suite[] = [
  {
    name: "types",
    command: [...npm, "run", "--silent", "check:types"],
    limitMinutes: 15,
    counts: "one",
    builds: [],
    besideUnit: true,
  },
  {
    name: "lint",
    command: [...npm, "run", "--silent", "check:lint"],
    limitMinutes: 15,
    counts: "one",
    builds: [],
    besideUnit: true,
  },
  {
    name: "unit",
    command: [...node, "dist/test/harness/nodeTests.js", "unit"],
    limitMinutes: 20,
    counts: "tests",
    builds: ["unit"],
    greps: true,
  },
  {
    name: "integration",
    command: [...node, "dist/test/harness/nodeTests.js", "integration"],
    limitMinutes: 15,
    counts: "tests",
    builds: ["product", "integration"],
    besideUnit: true,
    greps: true,
  },
  {
    name: "webgpu",
    command: [...node, "dist/test/harness/webgpuTests.js"],
    limitMinutes: 30,
    counts: "tests",
    builds: ["webgpu"],
    greps: true,
    onRequest: true,
  },
  {
    name: "host",
    command: [process.execPath, "dist/test/harness/hostTests.js", "node"],
    limitMinutes: 20,
    counts: "tests",
    builds: ["product", "host"],
    greps: true,
  },
  {
    name: "host-web",
    command: [process.execPath, "dist/test/harness/hostTests.js", "web"],
    limitMinutes: 20,
    counts: "tests",
    builds: ["product", "host"],
    greps: true,
  },
  {
    name: "e2e",
    command: [...node, "dist/test/harness/e2eTests.js"],
    limitMinutes: 30,
    counts: "tests",
    builds: ["product", "e2e"],
    greps: true,
  },
];

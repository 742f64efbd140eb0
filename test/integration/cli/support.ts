import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `generate --json` prints. */
export interface Generated {
  readonly model: string;
  readonly promptTokens: number[];
  readonly tokens: number[][];
  readonly texts: string[];
  readonly finish: string[];
  readonly timings: Record<string, number>;
}

/** Starts the built command line as a person would, with the repository as its working folder. */
export function start(args: readonly string[], environment: Record<string, string> = {}) {
  return spawn(process.execPath, [path.resolve("dist/cli.js"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
}

/** The exit code. */
export function exit(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("close", resolve));
}

/** @param onOutput is called with what stdout holds so far */
export async function gpt2(
  args: readonly string[],
  onOutput?: (stdout: string, interrupt: () => void) => void,
  environment: Record<string, string> = {},
): Promise<Run> {
  const child = start(args, environment);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    stdout += part;
    onOutput?.(stdout, () => child.kill("SIGINT"));
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  return { code: await exit(child), stdout, stderr };
}

export function json(run: Run): unknown {
  assert.deepEqual({ code: run.code, stderr: run.stderr }, { code: 0, stderr: "" });
  assert.match(run.stdout, /^\{.*\}\n$/, "one object on one line");
  return JSON.parse(run.stdout);
}

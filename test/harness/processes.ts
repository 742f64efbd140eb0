import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SLOW_MACHINE } from "./slowMachine";

/** How a command ended. */
export interface Ended {
  /** Exit code; 1 after a signal. */
  readonly code: number;
  /** stdout and stderr together. */
  readonly output: string;
  readonly timedOut: boolean;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Show the output while the command runs. */
  readonly echo?: boolean;
}

/** The command that starts npm: by its script where npm started this process, for on Windows `npm` is no program. */
export const npm: readonly string[] = process.env["npm_execpath"]
  ? [process.execPath, process.env["npm_execpath"]]
  : ["npm"];

/** What is to end with this process. Each test file is a bundle with this module in it: they share one. */
interface OwnThings {
  readonly live: Set<ChildProcess>;
  readonly folders: Set<string>;
  watching: boolean;
}

const shared = globalThis as { gpt2Harness?: OwnThings };
const own = (shared.gpt2Harness ??= { live: new Set(), folders: new Set(), watching: false });
const { live, folders } = own;

/** Sees to it that no child and no temporary folder outlives this process, whichever way it ends (all but SIGKILL). */
function watchOwnEnd(): void {
  if (own.watching) return;
  own.watching = true;
  process.on("exit", () => {
    for (const child of live) signalGroup(child, "SIGKILL");
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.on(signal, () => process.exit(code));
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

/** A new empty folder that is deleted when it is disposed, or else when this process ends. */
export class TemporaryFolder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  /** @param name what the folder's name begins with. */
  static async create(name: string): Promise<TemporaryFolder> {
    watchOwnEnd();
    const folder = await mkdtemp(path.join(tmpdir(), `${name}-`));
    folders.add(folder);
    return new TemporaryFolder(folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 });
    folders.delete(this.path);
  }
}

/** A command in a process group of its own; disposing it ends the whole group. */
export class Service implements AsyncDisposable {
  /** stdout and stderr together. */
  output = "";
  /** Exit code, once it has ended: 1 after a signal, 127 when there is no such command. */
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;

  constructor(command: string, args: readonly string[], options: Omit<RunOptions, "timeoutMs"> = {}) {
    watchOwnEnd();
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: process.platform !== "win32",
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    live.add(child);
    for (const [stream, sink] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ] as const) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        if (options.echo) sink.write(text);
      });
    }
    this.ended = new Promise((resolve) => {
      child.on("error", (error) => {
        this.output += `${error.message}\n`;
        live.delete(child);
        resolve(127);
      });
      child.on("exit", () => signalGroup(child, "SIGKILL"));
      child.on("close", (code) => {
        live.delete(child);
        resolve(code ?? 1);
      });
    });
  }

  get running(): boolean {
    return live.has(this.#child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.running) return;
    signalGroup(this.#child, "SIGTERM");
    await Promise.race([this.ended, sleep(5000, undefined, { ref: false })]);
    signalGroup(this.#child, "SIGKILL");
    await Promise.race([this.ended, sleep(2000, undefined, { ref: false })]);
  }
}

/** Runs a command to its end, or stops it after `timeoutMs`. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  await using service = new Service(command, args, options);
  const code = await Promise.race([service.ended, sleep(options.timeoutMs, undefined, { ref: false })]);
  return { code: code ?? 1, output: service.output, timedOut: code === undefined };
}

/** Like {@link run}, for a step that has to work. @throws with the command's last output when it fails. */
export async function runOrThrow(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { code, output, timedOut } = await run(command, args, options);
  if (code === 0 && !timedOut) return output;
  const reason = timedOut ? `took longer than ${options.timeoutMs / 1000} s` : `failed with exit code ${code}`;
  throw new Error(`${[command, ...args].join(" ")} ${reason}:\n${output.slice(-4000)}`);
}

/** A port on the loopback interface that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("No free port on 127.0.0.1.");
  return address.port;
}

/**
 * Asks `probe` again and again until it gives something other than undefined.
 * @param usualMs after which it would be late on a usual machine
 * @throws after {@link SLOW_MACHINE} times as long
 */
export async function until<T>(
  what: string,
  usualMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const timeoutMs = usualMs * SLOW_MACHINE;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what}: still not there after ${timeoutMs / 1000} s.`);
    await sleep(50);
  }
}

/** This process's environment without what an enclosing VS Code or Electron would have set. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$|npm_)/.test(name)),
  );
}

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanEnvironment, npm, runOrThrow } from "./processes";

/** Milliseconds after which another process's installation is taken to be stuck. */
const INSTALL_LIMIT_MS = 10 * 60_000;

/**
 * Where large things that only the tests need are kept: the user's cache folder, so that every clone of the repository
 * shares them (`GPT2_VSCODE_CACHE` overrides).
 */
export function cacheFolder(): string {
  const override = process.env["GPT2_VSCODE_CACHE"];
  if (override) return path.resolve(override);
  if (process.env["XDG_CACHE_HOME"]) return path.join(process.env["XDG_CACHE_HOME"], "gpt2-vscode");
  if (process.platform === "darwin") return path.join(homedir(), "Library", "Caches", "gpt2-vscode");
  if (process.env["LOCALAPPDATA"]) return path.join(process.env["LOCALAPPDATA"], "gpt2-vscode", "cache");
  return path.join(homedir(), ".cache", "gpt2-vscode");
}

/**
 * The folder `name` of the cache, made by `install` if it is not there yet. It appears whole or not at all: `install`
 * fills a temporary folder, which is then renamed. A second process that wants the same folder waits for the first.
 * @throws what `install` throws.
 */
export async function installOnce(name: string, install: (folder: string) => Promise<void>): Promise<string> {
  const root = cacheFolder();
  const target = path.join(root, name);
  if (existsSync(target)) return target;
  await mkdir(root, { recursive: true });
  const lock = await acquireLock(`${target}.lock`, () => existsSync(target));
  if (lock === undefined) return target;
  const temporary = await mkdtemp(`${target}.tmp-`);
  try {
    await install(temporary);
    await rename(temporary, target);
    return target;
  } finally {
    await rm(temporary, { recursive: true, force: true });
    await rm(lock, { force: true });
  }
}

/** Runs `npm install` in `folder`, without the packages' scripts. */
export async function npmInstall(folder: string, args: readonly string[]): Promise<void> {
  const flags = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const [command = "npm", ...script] = npm;
  await runOrThrow(command, [...script, ...flags, ...args], {
    cwd: folder,
    env: cleanEnvironment(),
    timeoutMs: 5 * 60_000,
  });
}

/** Writes our process id to `file`, waiting while another live process holds it. Undefined when `isDone` came true meanwhile. */
async function acquireLock(file: string, isDone: () => boolean): Promise<string | undefined> {
  const deadline = Date.now() + INSTALL_LIMIT_MS;
  while (!isDone()) {
    try {
      await writeFile(file, String(process.pid), { flag: "wx" });
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = Number(await readFile(file, "utf8").catch(() => ""));
    if (Date.now() > deadline || (holder > 0 && !isRunning(holder))) await rm(file, { force: true });
    else await sleep(250);
  }
  return undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

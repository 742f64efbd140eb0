import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { isJsonObject } from "../../formats/json";

/** How often the holder of a lock touches it. */
const heartbeatMs = 5000;
/** A lock that nobody has touched for so long is abandoned, also if its owner cannot be asked (another machine, a reused process id). */
const abandonedMs = 60_000;

/**
 * Takes a lock: a file that only one program at a time can create. It is taken from an owner that has ended.
 * @returns undefined while another one holds it
 */
export async function takeLock(file: string): Promise<AsyncDisposable | undefined> {
  const content = JSON.stringify({ process: process.pid, host: hostname(), id: randomUUID() });
  if (await create(file, content)) return new HeldLock(file, content);
  const found = await contentOf(file);
  if (found === undefined || !(await isAbandoned(file, found))) return undefined;
  await removeAbandoned(file, found);
  return (await create(file, content)) ? new HeldLock(file, content) : undefined;
}

class HeldLock implements AsyncDisposable {
  readonly #file: string;
  readonly #content: string;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(file: string, content: string) {
    this.#file = file;
    this.#content = content;
    this.#heartbeat = setInterval(() => {
      const now = new Date();
      // A lock that was deleted by hand is no reason to stop.
      utimes(file, now, now).catch(() => undefined);
    }, heartbeatMs);
    this.#heartbeat.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat);
    if ((await contentOf(this.#file)) === this.#content) await rm(this.#file, { force: true });
  }
}

async function create(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function contentOf(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}

async function isAbandoned(file: string, content: string): Promise<boolean> {
  const touched = await stat(file).catch(() => undefined);
  if (touched === undefined) return false;
  return Date.now() - touched.mtimeMs > abandonedMs || isOfEndedProcess(content);
}

/** Whether the owner was a process of this machine that has ended. */
function isOfEndedProcess(content: string): boolean {
  const owner = parse(content);
  if (!isJsonObject(owner) || owner["host"] !== hostname() || typeof owner["process"] !== "number") return false;
  try {
    process.kill(owner["process"], 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    // Its owner has created it and is about to write.
    return undefined;
  }
}

/** Removes an abandoned lock, unless another one has done so meanwhile and taken the lock: that one is put back. */
async function removeAbandoned(file: string, content: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if ((await contentOf(aside)) !== content) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Environment variable by which a suite's processes are known, however they detach themselves. */
export const RUN_MARK = "GPT2_TEST_RUN";

/**
 * Ends what is still running with this mark in its environment, after three seconds of grace (Linux; elsewhere nothing is found).
 * @returns what was ended.
 */
export async function endLeftOvers(mark: string): Promise<string[]> {
  const deadline = Date.now() + 3000;
  let found = await findMarked(mark);
  while (found.length > 0 && Date.now() < deadline) {
    await sleep(200);
    found = await findMarked(mark);
  }
  return found.filter(({ pid }) => end(pid)).map(({ pid, command }) => `${pid} ${command}`);
}

/** Ends a process. @returns whether it was still there. */
function end(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

async function findMarked(mark: string): Promise<{ pid: number; command: string }[]> {
  const found = [];
  for (const name of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const environment = await readFile(`/proc/${name}/environ`, "utf8").catch(() => "");
    if (!environment.split("\0").includes(`${RUN_MARK}=${mark}`)) continue;
    const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (command) found.push({ pid: Number(name), command: command.replaceAll("\0", " ").slice(0, 200) });
  }
  return found;
}

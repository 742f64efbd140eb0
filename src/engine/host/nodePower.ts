import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { powerSourceFromPmset, powerSourceOf, type PowerSource, type PowerSupply } from "./powerSource";

const linuxFolder = "/sys/class/power_supply";
const timeoutMs = 2000;

/**
 * What the machine of the extension host runs on now. On Windows it takes a PowerShell, which is too slow to start every minute: there, and
 * where it cannot be found out, it is `unknown`.
 * @param folder of the power supplies on Linux
 */
export async function readPowerSource(
  platform: NodeJS.Platform = process.platform,
  folder = linuxFolder,
): Promise<PowerSource> {
  try {
    if (platform === "linux") return powerSourceOf(await readSupplies(folder));
    if (platform !== "darwin") return "unknown";
    const { stdout } = await promisify(execFile)("/usr/bin/pmset", ["-g", "batt"], { timeout: timeoutMs });
    return powerSourceFromPmset(stdout);
  } catch {
    return "unknown";
  }
}

async function readSupplies(folder: string): Promise<PowerSupply[]> {
  const names = await readdir(folder);
  return Promise.all(
    names.map(async (name) => {
      const read = (file: string) => readFile(join(folder, name, file), "utf8").then((text) => text.trim(), noFile);
      const [type, status, online, scope] = await Promise.all(["type", "status", "online", "scope"].map(read));
      return { type: type ?? "", status: status ?? "", online: online ?? "", scope: scope ?? "" };
    }),
  );
}

/** Each kind of supply has only some of the files. */
function noFile(): string {
  return "";
}

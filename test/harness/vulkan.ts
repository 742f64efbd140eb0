import { existsSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { findChromium } from "./chromium";

/**
 * The environment in which WebGPU finds a graphics driver in Node: as it is where the system has one (macOS, Windows) or `VK_ICD_FILENAMES`
 * names one (lavapipe), otherwise with SwiftShader, the software driver that comes with Chromium.
 * @throws with what to install when there is none
 */
export async function vulkanEnvironment(): Promise<NodeJS.ProcessEnv> {
  const { env } = process;
  if (process.platform !== "linux" || env["VK_ICD_FILENAMES"]) return env;
  const chromium = await findChromium();
  const driver = foldersOf(chromium)
    .map((folder) => path.join(folder, "vk_swiftshader_icd.json"))
    .find((file) => existsSync(file));
  if (!driver) {
    throw new Error(
      `No Vulkan driver was found: there is no vk_swiftshader_icd.json beside ${chromium}. ` +
        "Install Debian's chromium, or a driver, and set VK_ICD_FILENAMES to its .json file.",
    );
  }
  const libraries = [path.dirname(driver), env["LD_LIBRARY_PATH"]].filter(Boolean).join(path.delimiter);
  return { ...env, VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: libraries };
}

/** Where Chromium's files may be: its program is often a script elsewhere. */
function foldersOf(chromium: string): readonly string[] {
  const program = realpathSync(chromium);
  const script = readFileSync(program).subarray(0, 4096).toString("latin1");
  const named = script.startsWith("#!") ? Array.from(script.matchAll(/\/[\w./-]+/g), ([folder]) => folder) : [];
  return [path.dirname(program), ...named, "/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"];
}

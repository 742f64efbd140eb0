import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { installOnce, npmInstall } from "../../harness/cacheFolder";

/** Puts npm packages into a folder of the cache, where they are not there yet. @returns that folder. */
export function installPackages(packages: readonly string[], flags: readonly string[] = []): Promise<string> {
  const name = (packages[0] ?? "").replaceAll(/[@/]+/g, "-").replace(/^-/, "");
  return installOnce(`bench-${name}`, async (folder) => {
    console.log(`Installing ${packages.join(" ")} …`);
    await writeFile(path.join(folder, "package.json"), '{ "private": true }\n');
    await npmInstall(folder, [...flags, ...packages]);
  });
}

/** Imports a file of an installed package. The caller knows what it exports. */
export async function importFrom(folder: string, ...file: string[]): Promise<unknown> {
  return import(pathToFileURL(path.join(folder, "node_modules", ...file)).href);
}

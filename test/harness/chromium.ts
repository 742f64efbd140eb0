import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { installOnce, npmInstall } from "./cacheFolder";
import { run } from "./processes";

/** Arguments for a browser that talks to this machine and nothing else. */
export const CHROMIUM_ARGS: readonly string[] = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

/** Further arguments for one that has WebGPU on its software adapter. */
export const WEBGPU_ARGS: readonly string[] = ["--enable-unsafe-webgpu", "--enable-unsafe-swiftshader"];

/** The npm package that ships a Chromium for Linux servers, for machines without one. */
const PACKAGE = "@sparticuz/chromium@153.0.0";

/**
 * A Chromium or Chrome: `CHROMIUM`, one that is installed, Debian's package (as root), or one that comes in an npm package.
 * @throws with what to install when there is none.
 */
export async function findChromium(): Promise<string> {
  const installed = findInstalled();
  if (installed) return installed;
  if (process.platform === "linux") {
    const found = (await installDebianPackage()) ?? (await installNpmPackage());
    if (found) return found;
  }
  throw new Error("No Chromium was found. Install Chromium or Chrome, or set CHROMIUM to the path of its executable.");
}

function findInstalled(): string | undefined {
  if (process.env["CHROMIUM"]) return process.env["CHROMIUM"];
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const programs = [process.env["PROGRAMFILES"], process.env["PROGRAMFILES(X86)"]].filter((it) => it !== undefined);
  return [
    ...folders.flatMap((folder) => names.map((name) => path.join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ...programs.map((folder) => path.join(folder, "Google", "Chrome", "Application", "chrome.exe")),
  ].find((file) => existsSync(file));
}

async function installDebianPackage(): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return undefined;
  console.log("Installing Debian's chromium …");
  const packages = ["chromium", "fonts-dejavu-core"];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update"], { env, timeoutMs: 120_000 });
  await run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { env, timeoutMs: 300_000 });
  return findInstalled();
}

async function installNpmPackage(): Promise<string> {
  const folder = await installOnce(PACKAGE.replaceAll(/[@/]+/g, "-").replace(/^-/, ""), async (temporary) => {
    console.log(`Installing ${PACKAGE} …`);
    await writeFile(path.join(temporary, "package.json"), '{ "private": true }\n');
    await npmInstall(temporary, [PACKAGE]);
  });
  const script = path.join(folder, "node_modules", "@sparticuz", "chromium", "build", "index.js");
  const chromium = (await import(pathToFileURL(script).href)) as { default: { executablePath(): Promise<string> } };
  return chromium.default.executablePath();
}

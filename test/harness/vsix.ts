import { existsSync } from "node:fs";
import { glob, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { runOrThrow } from "./processes";

export const VSIX = path.resolve("gpt2-vscode.vsix");

/** Where the end-to-end tests install it once, for all of their servers. */
export const INSTALLED_VSIX = path.resolve("dist/test/extensions");

const LIMIT_BYTES = 60e6;

interface Manifest {
  readonly main: string;
  readonly browser: string;
  readonly icon: string;
  readonly contributes: {
    readonly walkthroughs: readonly { readonly steps: readonly { readonly media: { readonly image: string } }[] }[];
  };
}

/**
 * Packages what is built in `dist` as gpt2-vscode.vsix and checks it.
 * @returns the package's size in bytes.
 * @throws when it is 60 MB or larger, holds a file that .vscodeignore does not name, or lacks one that the manifest names.
 */
export async function packageExtension(): Promise<number> {
  const vsce = path.resolve("node_modules/@vscode/vsce/vsce");
  // There is no public repository that links in the README could point to.
  const args = ["package", "--no-dependencies", "--no-rewrite-relative-links", "--out", VSIX];
  await runOrThrow(process.execPath, [vsce, ...args], { timeoutMs: 180_000 });
  const listing = await runOrThrow(process.execPath, [vsce, "ls", "--no-dependencies"], { timeoutMs: 60_000 });
  const packed = listing.split("\n").filter((line) => line !== "" && existsSync(line));
  const problems = [...(await surplus(packed)), ...(await missing(packed))];
  const { size } = await stat(VSIX);
  if (size >= LIMIT_BYTES) problems.push(`${(size / 1e6).toFixed(1)} MB, more than ${LIMIT_BYTES / 1e6} MB`);
  if (problems.length > 0)
    throw new Error(`${path.basename(VSIX)} is not as it should be:\n  ${problems.join("\n  ")}`);
  return size;
}

/** Files in the package that no pattern of .vscodeignore lets in. */
async function surplus(packed: readonly string[]): Promise<string[]> {
  const lines = (await readFile(".vscodeignore", "utf8")).split("\n");
  const allowed = new Set<string>();
  for await (const file of glob(lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1))))
    allowed.add(file);
  return packed.filter((file) => !allowed.has(file)).map((file) => `${file} should not be in it`);
}

/** Files that the manifest or the bundles need and the package does not have. */
async function missing(packed: readonly string[]): Promise<string[]> {
  const manifest = JSON.parse(await readFile("package.json", "utf8")) as Manifest;
  const pictures = manifest.contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.image));
  const bundles = [
    "dist/worker.js",
    "dist/workspaceIndex.js",
    "dist/web/worker.js",
    "dist/web/workspaceIndex.js",
    "dist/webview/diagnostics.js",
  ];
  const runtime = ["dist/ort/ort-wasm-simd-threaded.wasm", "dist/ort/ort-wasm-simd-threaded.mjs"];
  const texts = ["package.nls.json", "README.md", "CHANGELOG.md", "LICENSE"];
  const needed = [manifest.main, manifest.browser, manifest.icon, ...pictures, ...bundles, ...runtime, ...texts];
  const have = new Set(packed);
  const lacking = needed.map((file) => path.normalize(file)).filter((file) => !have.has(file));
  if (!packed.some((file) => /^models\/.*\.gguf$/.test(file))) lacking.push("the bundled model (models/…/*.gguf)");
  return lacking.map((file) => `${file} is missing`);
}

import { createHash } from "node:crypto";
import { glob, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import asc from "assemblyscript/asc";

const cache = path.resolve("node_modules/.cache/assemblyscript");

const flags = [
  ...["-O3", "--runtime", "stub", "--noAssert", "--use", "abort="],
  ...["--enable", "simd", "--enable", "threads"],
  ...["--importMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
];

/** The source files that a module may be made of. */
async function sourceFiles(folder) {
  const files = [];
  for await (const file of glob("*.ts", { cwd: folder })) files.push(path.join(folder, file));
  return files.sort();
}

async function compile(entry, options) {
  let binary;
  const { error, stderr } = await asc.main(
    [path.relative(process.cwd(), entry), ...options, "--outFile", "module.wasm"],
    { writeFile: (_name, contents) => void (binary = contents) },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return binary;
}

/** Takes a module from the cache if it was compiled from the same source before; compiling takes seconds. */
async function cachedOrCompiled(key, entry, options) {
  const cached = path.join(cache, `${key}.wasm`);
  const known = await readFile(cached).catch(() => undefined);
  if (known) return known;
  const binary = await compile(entry, options);
  await mkdir(cache, { recursive: true });
  // Several builds may run at once: the file appears whole or not at all.
  const temporary = `${cached}.${process.pid}`;
  await writeFile(temporary, binary);
  await rename(temporary, cached);
  return binary;
}

/** By their source: the bundles of one build share them. */
const modules = new Map();

async function moduleOf(entry, files, options) {
  const hash = createHash("sha256").update(JSON.stringify([asc.version, options]));
  for (const file of files) hash.update(await readFile(file));
  const key = hash.digest("hex").slice(0, 32);
  if (!modules.has(key)) modules.set(key, cachedOrCompiled(key, entry, options));
  return modules.get(key);
}

/**
 * Resolves `./assembly/index.wasm` to the compiled `./assembly/index.ts`, and `index.relaxed.wasm` to the same with relaxed SIMD; the
 * module's bytes become part of the bundle.
 */
export const assemblyScript = {
  name: "assembly-script",
  setup(build) {
    build.onResolve({ filter: /\/assembly\/index(\.relaxed)?\.wasm$/ }, ({ path: file, resolveDir }) => ({
      path: path.resolve(resolveDir, file),
      namespace: "assembly-script",
    }));
    build.onLoad({ filter: /.*/, namespace: "assembly-script" }, async ({ path: file }) => {
      const relaxed = file.endsWith(".relaxed.wasm");
      const entry = file.replace(/(\.relaxed)?\.wasm$/, ".ts");
      const watchFiles = await sourceFiles(path.dirname(entry));
      const options = relaxed ? [...flags, "--enable", "relaxed-simd"] : flags;
      return { contents: await moduleOf(entry, watchFiles, options), loader: "binary", watchFiles };
    });
  },
};

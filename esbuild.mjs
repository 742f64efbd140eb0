import { cp, glob, mkdir, rm } from "node:fs/promises";
import { context } from "esbuild";

const flags = new Set(process.argv.slice(2));
const production = flags.has("--production");
const tests = flags.has("--tests");

/** Test entry points that run in Node: path below dist without the ending -> source. */
async function entries(pattern) {
  const found = [];
  for await (const file of glob(pattern)) found.push({ in: file, out: file.replace(/\.ts$/, "") });
  return found;
}

const shared = {
  bundle: true,
  target: "es2022",
  sourcemap: production ? false : "linked",
  minify: production,
  keepNames: production,
  logLevel: flags.has("--silent") ? "error" : "warning",
  legalComments: "none",
  outdir: "dist",
};
const node = { ...shared, platform: "node", target: "node20", format: "cjs", external: ["vscode"] };
const browser = { ...shared, platform: "browser", conditions: ["worker", "browser"], external: ["vscode"] };

const builds = [
  {
    ...node,
    entryPoints: [
      { in: "src/extension.ts", out: "extension" },
      { in: "src/engine/host/nodeWorker.ts", out: "worker" },
      { in: "src/cli/main.ts", out: "cli" },
    ],
  },
  { ...browser, format: "cjs", entryPoints: [{ in: "src/extension.ts", out: "web/extension" }] },
  {
    ...browser,
    format: "esm",
    // ONNX Runtime's glue asks for these in Node only.
    external: ["module", "worker_threads"],
    entryPoints: [{ in: "src/engine/host/webWorker.ts", out: "web/worker" }],
  },
  { ...browser, format: "iife", entryPoints: [{ in: "src/diagnostics/webview/main.ts", out: "webview/diagnostics" }] },
  {
    ...node,
    sourcemap: "linked",
    minify: false,
    entryPoints: [...(await entries("test/harness/*.ts")), ...(await entries("models/convert.ts"))],
    outbase: ".",
    external: ["playwright-core", "@vscode/test-electron"],
  },
];
if (tests) {
  builds.push(
    { ...node, packages: "external", entryPoints: await entries("test/{unit,e2e,bench,eval}/**/*.ts") },
    { ...node, external: ["vscode", "mocha"], entryPoints: [{ in: "test/host/index.node.ts", out: "test/host/node" }] },
    { ...browser, format: "cjs", entryPoints: [{ in: "test/host/index.web.ts", out: "test/host/web" }] },
  );
}

if (production) await rm("dist", { recursive: true, force: true });
await mkdir("dist/ort", { recursive: true });
for (const file of ["ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"]) {
  await cp(`node_modules/onnxruntime-web/dist/${file}`, `dist/ort/${file}`);
}
const contexts = await Promise.all(builds.map((options) => context(options)));
if (flags.has("--watch")) {
  await Promise.all(contexts.map((built) => built.watch()));
} else {
  await Promise.all(contexts.map((built) => built.rebuild()));
  await Promise.all(contexts.map((built) => built.dispose()));
}

/**
 * Builds into dist.
 *
 *     --production      as it is released: minified, in an emptied dist
 *     --tests           also the tests
 *     --only=GROUP,…    only these groups: product, tools, unit, integration, e2e, bench, eval, fuzz, host
 *     --watch           builds anew when a file changes, and checks the types
 *     --silent          prints errors only
 */
import { cp, glob, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { context } from "esbuild";
import { assemblyScript } from "./.config/assemblyScript.mjs";
import { watch } from "./.config/watch.mjs";

const flags = new Set(process.argv.slice(2));
const production = flags.has("--production");

/** Test entry points that run in Node: path below dist without the ending -> source. */
async function entries(pattern) {
  const found = [];
  for await (const file of glob(pattern)) found.push({ in: file, out: file.replace(/\.ts$/, "") });
  return found;
}

/** Fills in test/host/all.ts: an extension host's tests are one bundle, for a web worker cannot look into a folder. */
const hostTestsOf = (isIncluded) => ({
  name: "host-tests",
  setup(build) {
    build.onLoad({ filter: /test[\\/]host[\\/]all\.ts$/ }, async ({ path: file }) => {
      const contents = (await entries("test/host/*.test.ts"))
        .map(({ in: test }) => path.basename(test))
        .filter(isIncluded)
        .map((test) => `import "./${test}";`);
      return { contents: contents.join("\n"), loader: "ts", resolveDir: path.dirname(file) };
    });
  },
});

/**
 * Tests of what does not depend on the extension host, but on the editor and on code that knows no host. They run in the web worker host when
 * HOST_TESTS is `all`: they would take as long as all others there.
 */
const independentOfHost = new Set(
  ["bigFiles", "draftModel", "exclusions", "intelliSense", "neverStale", "places"]
    .concat(["settings", "snooze", "statistics", "status", "suggestionItem"])
    .map((name) => `${name}.test.ts`),
);
const allHostTests = hostTestsOf(() => true);
const webHostTests =
  process.env.HOST_TESTS === "all" ? allHostTests : hostTestsOf((test) => !independentOfHost.has(test));

const shared = {
  bundle: true,
  target: "es2022",
  sourcemap: production ? false : "linked",
  minify: production,
  keepNames: production,
  logLevel: flags.has("--silent") ? "error" : "warning",
  legalComments: "none",
  outdir: "dist",
  plugins: [assemblyScript],
};
const node = { ...shared, platform: "node", target: "node20", format: "cjs", external: ["vscode", "webgpu"] };
const readable = { sourcemap: "linked", minify: false, keepNames: false };
const browser = { ...shared, platform: "browser", conditions: ["worker", "browser"], external: ["vscode"] };

/** The extension and its workers, for both hosts; the panels' pages; the command line. */
const product = async () => [
  {
    ...node,
    entryPoints: [
      { in: "src/extension.ts", out: "extension" },
      { in: "src/engine/host/nodeWorker.ts", out: "worker" },
      { in: "src/engine/host/nodePartWorker.ts", out: "modelPart" },
      { in: "src/completion/core/workspace/worker/nodeWorker.ts", out: "workspaceIndex" },
      { in: "src/cli/main.ts", out: "cli" },
    ],
  },
  { ...browser, format: "cjs", entryPoints: [{ in: "src/extension.ts", out: "web/extension" }] },
  {
    ...browser,
    format: "iife",
    entryPoints: [
      { in: "src/engine/host/webWorker.ts", out: "web/worker" },
      { in: "src/engine/host/webviewWorker.ts", out: "web/webviewWorker" },
      { in: "src/completion/core/workspace/worker/webWorker.ts", out: "web/workspaceIndex" },
    ],
  },
  {
    ...browser,
    format: "iife",
    entryPoints: [
      { in: "src/diagnostics/webview/main.ts", out: "webview/diagnostics" },
      { in: "src/generate/webview/main.ts", out: "webview/generate" },
      { in: "src/webviewEngine/webview/main.ts", out: "webview/engine" },
    ],
  },
];

/** What runs the tests, and what makes models. */
const tools = async () => [
  {
    ...node,
    ...readable,
    entryPoints: [
      ...(await entries("test/harness/*.ts")),
      ...(await entries("models/convert.ts")),
      ...(await entries("models/training/prepare.ts")),
    ],
    external: ["playwright-core", "@vscode/test-electron", "mocha"],
  },
];

/** The files of a folder of tests, each a bundle. */
const testsIn = (folder) => async () => [
  { ...node, ...readable, packages: "external", entryPoints: await entries(`test/${folder}/**/*.ts`) },
];

/** The tests of the extension hosts, one bundle for each. */
const hostTests = async () => [
  {
    ...node,
    ...readable,
    external: ["vscode", "mocha"],
    entryPoints: [{ in: "test/host/index.node.ts", out: "test/host/node" }],
    plugins: [assemblyScript, allHostTests],
  },
  {
    ...browser,
    ...readable,
    format: "iife",
    // Mocha's browser build takes module.exports for itself, so they are set last.
    globalName: "hostTests",
    footer: { js: "module.exports = hostTests;" },
    entryPoints: [{ in: "test/host/index.web.ts", out: "test/host/web" }],
    plugins: [assemblyScript, webHostTests],
  },
];

/** The tests of WebGPU, one bundle for Node and one for a browser's page. */
const webgpuTests = async () => [
  { ...node, ...readable, packages: "external", entryPoints: await entries("test/webgpu/node.test.ts") },
  {
    ...browser,
    ...readable,
    format: "iife",
    entryPoints: await entries("test/webgpu/page.ts"),
    alias: { "node:assert/strict": path.resolve("test/webgpu/pageAssert.ts") },
  },
];

const testGroups = {
  unit: testsIn("unit"),
  integration: testsIn("integration"),
  e2e: testsIn("e2e"),
  bench: testsIn("bench"),
  eval: testsIn("eval"),
  fuzz: testsIn("fuzz"),
  webgpu: webgpuTests,
  host: hostTests,
};
const groups = { product, tools, ...testGroups };

/** The names of the groups to build. */
function chosenGroups() {
  const only = Array.from(flags).find((flag) => flag.startsWith("--only="));
  if (only) return only.slice("--only=".length).split(",");
  return ["product", "tools", ...(flags.has("--tests") ? Object.keys(testGroups) : [])];
}

/** Removes what an earlier build left: it would be packaged, or run as a test. The tools stay, for one of them may be running this. */
async function clean(names) {
  if (production) {
    for (const name of await readdir("dist").catch(() => [])) {
      if (name !== "test" && name !== "models") await rm(path.join("dist", name), { recursive: true });
    }
  }
  for (const name of names.filter((name) => name in testGroups)) {
    await rm(`dist/test/${name}`, { recursive: true, force: true });
  }
}

async function copyRuntime() {
  await mkdir("dist/ort", { recursive: true });
  const wasm = ["ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];
  const webgpu = ["ort.webgpu.bundle.min.mjs", "ort-wasm-simd-threaded.asyncify.wasm"];
  for (const file of [...wasm, ...webgpu]) {
    await cp(`node_modules/onnxruntime-web/dist/${file}`, `dist/ort/${file}`);
  }
}

const names = chosenGroups();
const unknown = names.filter((name) => !(name in groups));
if (unknown.length > 0) {
  console.error(`There is no group ${unknown.join(", ")}. There are: ${Object.keys(groups).join(", ")}.`);
  process.exit(2);
}
await clean(names);
if (names.includes("product")) await copyRuntime();
if (flags.has("--watch")) {
  await watch(names.map((name) => groups[name]));
} else {
  const builds = (await Promise.all(names.map((name) => groups[name]()))).flat();
  const contexts = await Promise.all(builds.map((options) => context(options)));
  await Promise.all(contexts.map((built) => built.rebuild()));
  await Promise.all(contexts.map((built) => built.dispose()));
}

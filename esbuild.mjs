import { cp, glob, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { context } from "esbuild";
import { assemblyScript } from "./.config/assemblyScript.mjs";

const flags = new Set(process.argv.slice(2));
const production = flags.has("--production");
const tests = flags.has("--tests");

/** Test entry points that run in Node: path below dist without the ending -> source. */
async function entries(pattern) {
  const found = [];
  for await (const file of glob(pattern)) found.push({ in: file, out: file.replace(/\.ts$/, "") });
  return found;
}

/** Fills in test/host/all.ts: an extension host's tests are one bundle, for a web worker cannot look into a folder. */
const allHostTests = {
  name: "all-host-tests",
  setup(build) {
    build.onLoad({ filter: /test[\\/]host[\\/]all\.ts$/ }, async ({ path: file }) => {
      const contents = (await entries("test/host/*.test.ts")).map(
        ({ in: test }) => `import "./${path.basename(test)}";`,
      );
      return { contents: contents.join("\n"), loader: "ts", resolveDir: path.dirname(file) };
    });
  },
};

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
const node = { ...shared, platform: "node", target: "node20", format: "cjs", external: ["vscode"] };
const readable = { sourcemap: "linked", minify: false, keepNames: false };
const browser = { ...shared, platform: "browser", conditions: ["worker", "browser"], external: ["vscode"] };

const builds = [
  {
    ...node,
    entryPoints: [
      { in: "src/extension.ts", out: "extension" },
      { in: "src/engine/host/nodeWorker.ts", out: "worker" },
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
      { in: "src/completion/core/workspace/worker/webWorker.ts", out: "web/workspaceIndex" },
    ],
  },
  { ...browser, format: "iife", entryPoints: [{ in: "src/diagnostics/webview/main.ts", out: "webview/diagnostics" }] },
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
if (tests) {
  builds.push(
    {
      ...node,
      ...readable,
      packages: "external",
      entryPoints: await entries("test/{unit,e2e,bench,eval,fuzz}/**/*.ts"),
    },
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
      plugins: [assemblyScript, allHostTests],
    },
  );
}

// What a former build left there would be packaged, or run as a test.
if (production) await rm("dist", { recursive: true, force: true });
if (tests) await rm("dist/test", { recursive: true, force: true });
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

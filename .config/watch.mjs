import { spawn } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { context } from "esbuild";

/** Milliseconds between two looks for new and deleted entry points. */
const lookEveryMs = 2000;

const projects = [
  "tsconfig.json",
  "src/diagnostics/webview/tsconfig.json",
  "src/generate/webview/tsconfig.json",
  "src/webviewEngine/webview/tsconfig.json",
];

/** Prints when builds begin and when all have ended, for the task of .vscode/tasks.json, which waits for that. */
class Progress {
  #running = 0;

  begin() {
    if (this.#running++ === 0) console.log("Build started.");
  }

  end() {
    if (--this.#running === 0) console.log("Build finished.");
  }

  /** Reports the builds of one context from its second on; its first has begun when it is created. */
  get plugin() {
    let first = true;
    return {
      name: "progress",
      setup: (build) => {
        build.onStart(() => {
          if (!first) this.begin();
          first = false;
        });
        build.onEnd(() => this.end());
      },
    };
  }
}

/** Checks the types of both projects, again at every change, until this process ends. */
function checkTypes() {
  const tsc = path.resolve("node_modules/typescript/bin/tsc");
  for (const project of projects) {
    const args = [tsc, "--noEmit", "--watch", "--preserveWatchOutput", "--pretty", "false", "-p", project];
    const child = spawn(process.execPath, args, { stdio: "inherit" });
    process.on("exit", () => child.kill());
  }
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
}

/** What has to be bundled anew when it differs. */
function entryNames(builds) {
  return JSON.stringify(builds.map(({ entryPoints }) => entryPoints));
}

/**
 * Builds, and again whenever a file changes or an entry point (a test, say) comes or goes. Does not return.
 * @param {(() => Promise<object[]>)[]} groups each gives the options of its builds
 */
export async function watch(groups) {
  const progress = new Progress();
  checkTypes();
  await Promise.all(groups.map((group) => watchGroup(group, progress)));
}

async function watchGroup(group, progress) {
  for (;;) {
    const builds = await group();
    builds.forEach(() => progress.begin());
    const contexts = await Promise.all(
      builds.map((options) => context({ ...options, plugins: [...options.plugins, progress.plugin] })),
    );
    await Promise.all(contexts.map((built) => built.watch()));
    do await sleep(lookEveryMs);
    while (entryNames(await group()) === entryNames(builds));
    await Promise.all(contexts.map((built) => built.dispose()));
  }
}

import { existsSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { installOnce, npmInstall } from "./cacheFolder";
import { replaceNativeModules } from "./nativeStandIns";
import { cleanEnvironment, freePort, runOrThrow, Service, TemporaryFolder, until } from "./processes";

/** code-server is the real VS Code server and workbench, and npm has it. This one contains VS Code 1.139.1. */
const VERSION = "4.139.1";

/** Counts up when what {@link installCodeServer} makes of it changes. */
const REVISION = 2;

/** Settings under which nothing but the editor and its ghost text moves. */
export const QUIET_SETTINGS: Readonly<Record<string, unknown>> = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
  "workbench.colorTheme": "Default Dark Modern",
  "chat.disableAIFeatures": true,
  "chat.commandCenter.enabled": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "files.autoSave": "off",
  "git.enabled": false,
  "editor.inlineSuggest.enabled": true,
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.suggestOnTriggerCharacters": false,
  "editor.parameterHints.enabled": false,
  "editor.hover.enabled": "off",
  "editor.minimap.enabled": false,
};

export interface CodeServerOptions {
  /** On top of {@link QUIET_SETTINGS}. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A packaged extension to install. */
  readonly vsix?: string;
  /** A folder that {@link installExtension} has filled, to be copied: faster than `vsix` where several servers start. */
  readonly extensions?: string;
  /** Listen to `extensionDevelopmentPath` and `extensionTestsPath` in the page's address; suppresses notifications. */
  readonly testDriver?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Where the server's and the extensions' logs go when it stops. */
  readonly logFolder?: string;
}

/** Puts code-server into the cache folder, where it is not there yet. About 20 s and 620 MB. @returns its entry script. */
export async function installCodeServer(): Promise<string> {
  const folder = await installOnce(`code-server-${VERSION}-${REVISION}`, async (temporary) => {
    console.log(`Installing code-server ${VERSION} (the VS Code of the tests) …`);
    await writeFile(path.join(temporary, "package.json"), '{ "private": true }\n');
    // The packages' own scripts compile native modules that nothing here needs.
    await npmInstall(temporary, [`code-server@${VERSION}`]);
    const vscode = path.join(temporary, "node_modules", "code-server", "lib", "vscode");
    await npmInstall(vscode, ["--omit=dev"]);
    await npmInstall(path.join(vscode, "extensions"), ["--omit=dev"]);
    await replaceNativeModules(vscode);
  });
  return path.join(folder, "node_modules", "code-server", "out", "node", "entry.js");
}

/** A running code-server with its own empty user folder, on a free port of the loopback interface. */
export class CodeServer implements AsyncDisposable {
  private constructor(
    readonly port: number,
    private readonly temporary: TemporaryFolder,
    private readonly service: Service,
    private readonly logFolder: string | undefined,
  ) {}

  /** @throws when the server cannot be installed or does not answer within a minute. */
  static async start(options: CodeServerOptions = {}): Promise<CodeServer> {
    if (Number.parseInt(process.versions.node) < 24) {
      throw new Error(`code-server needs Node 24 or newer, this is ${process.version}. Run it through npm or npx.`);
    }
    const entry = await installCodeServer();
    const temporary = await TemporaryFolder.create("gpt2-code-server");
    const folder = temporary.path;
    const port = await freePort();
    const env = await prepare(folder, options);
    const extensions = path.join(folder, "extensions");
    if (options.vsix) await installExtension(options.vsix, extensions);
    if (options.extensions) await cp(options.extensions, extensions, { recursive: true });
    const flags = [
      "--auth=none",
      "--disable-telemetry",
      "--disable-update-check",
      "--disable-workspace-trust",
      "--disable-getting-started-override",
      "--ignore-last-opened",
      "--disable-proxy",
      ...(options.testDriver ? ["--vscode-option", "enable-smoke-test-driver"] : []),
    ];
    const args = [...locations(entry, folder, extensions), "--bind-addr", `127.0.0.1:${port}`, ...flags];
    const service = new Service(process.execPath, args, { env });
    const server = new CodeServer(port, temporary, service, options.logFolder);
    try {
      await until("code-server", 60_000, () => server.isHealthy());
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw new Error(`code-server did not start:\n${service.output.slice(-4000)}`, { cause: error });
    }
    return server;
  }

  /** The address of the workbench with a folder, or a file `*.code-workspace` that names several, opened. */
  url(folder: string, payload: readonly (readonly [string, string])[] = []): string {
    const query = new URLSearchParams(folder.endsWith(".code-workspace") ? { workspace: folder } : { folder });
    if (payload.length > 0) query.set("payload", JSON.stringify(payload));
    return `http://127.0.0.1:${this.port}/?${query.toString()}`;
  }

  /** How the page names a file of this machine. */
  remoteUri(file: string): string {
    return `vscode-remote://127.0.0.1:${this.port}${path.resolve(file)}`;
  }

  /** User data, extensions, home: everything that the server writes. Deleted when it stops. */
  get folder(): string {
    return this.temporary.path;
  }

  get running(): boolean {
    return this.service.running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service[Symbol.asyncDispose]();
    if (this.logFolder !== undefined) {
      await mkdir(this.logFolder, { recursive: true });
      await writeFile(path.join(this.logFolder, "code-server.log"), this.service.output);
      const logs = path.join(this.folder, "data", "logs");
      if (existsSync(logs)) await cp(logs, path.join(this.logFolder, "vscode"), { recursive: true });
    }
    await this.temporary[Symbol.asyncDispose]();
  }

  private async isHealthy(): Promise<true | undefined> {
    if (!this.service.running) throw new Error("The process has ended.");
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}/healthz`, { signal: AbortSignal.timeout(5000) });
      return response.ok ? true : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Installs a packaged extension into a folder of extensions. */
export async function installExtension(vsix: string, extensions: string): Promise<void> {
  const entry = await installCodeServer();
  await using temporary = await TemporaryFolder.create("gpt2-install");
  const env = await prepare(temporary.path, {});
  const args = [...locations(entry, temporary.path, extensions), "--install-extension", path.resolve(vsix), "--force"];
  await runOrThrow(process.execPath, args, { env, timeoutMs: 120_000 });
}

/** The arguments that begin each command line of code-server. */
function locations(entry: string, folder: string, extensions: string): readonly string[] {
  const config = ["--config", path.join(folder, "config.yaml")];
  return [entry, ...config, "--user-data-dir", path.join(folder, "data"), "--extensions-dir", extensions];
}

/** Lays out the server's folders. @returns the environment to start it with. */
async function prepare(folder: string, options: CodeServerOptions): Promise<NodeJS.ProcessEnv> {
  const settings = JSON.stringify({ ...QUIET_SETTINGS, ...options.settings }, undefined, 2);
  // A machine-scoped setting (the model's path) is read from the machine's file only, all others from the user's.
  for (const kind of ["User", "Machine"]) {
    await mkdir(path.join(folder, "data", kind), { recursive: true });
    await writeFile(path.join(folder, "data", kind, "settings.json"), settings);
  }
  for (const name of ["home", "extensions"]) await mkdir(path.join(folder, name));
  await writeFile(path.join(folder, "config.yaml"), "");
  const home = path.join(folder, "home");
  return {
    ...cleanEnvironment(),
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, "config"),
    XDG_DATA_HOME: path.join(home, "data"),
    XDG_CACHE_HOME: path.join(home, "cache"),
    EXTENSIONS_GALLERY: "{}",
    ...options.env,
  };
}

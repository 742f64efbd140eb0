import { glob, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { CodeServer } from "../harness/codeServer";
import { e2eResults } from "../harness/e2eResults";
import { unwatchWindow, watchWindow, type Watched } from "../harness/failedTests";
import { SampleWorkspace } from "../harness/sampleWorkspace";
import { INSTALLED_VSIX } from "../harness/vsix";
import { Workbench } from "../harness/workbench";

/** The extension tells its log each request, also why nothing was suggested. */
const PAYLOAD = [["logLevel", "gpt2-vscode.gpt2-vscode=trace"]] as const;

/** As much of a log is told when a test fails. */
const LOG_LINES = 40;

export interface SessionOptions {
  /** The person's settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Adds files to the copy of the sample workspace. @returns what is opened: a folder, or a file `*.code-workspace` */
  readonly open?: (folder: string) => Promise<string>;
  /** Further arguments of the browser. */
  readonly browserArgs?: readonly string[];
  /** Changes the server's folder before the workbench opens. */
  readonly prepare?: (server: CodeServer) => Promise<unknown>;
}

/** A person in front of VS Code: the packaged extension installed, the sample workspace open, no network. */
export class Session implements AsyncDisposable, Watched {
  #kept = 0;

  private constructor(
    readonly workspace: SampleWorkspace,
    readonly server: CodeServer,
    readonly workbench: Workbench,
    private readonly results: string,
    private readonly parts: AsyncDisposableStack,
  ) {}

  /** @param name the folder of test-results/e2e that its pictures and logs go to. */
  static async start(name: string, options: SessionOptions = {}): Promise<Session> {
    const results = e2eResults(name);
    await mkdir(results, { recursive: true });
    await using stack = new AsyncDisposableStack();
    const workspace = stack.use(await SampleWorkspace.create());
    const settings = options.settings ?? {};
    const server = stack.use(await CodeServer.start({ extensions: INSTALLED_VSIX, logFolder: results, settings }));
    await options.prepare?.(server);
    const opened = (await options.open?.(workspace.folder)) ?? workspace.folder;
    const url = server.url(opened, PAYLOAD);
    const workbench = stack.use(await Workbench.open(url, { browserArgs: options.browserArgs ?? [] }));
    const session = new Session(workspace, server, workbench, results, stack.move());
    watchWindow(session);
    try {
      // A person waits for the editor, too.
      await workbench.statusItem.waitFor();
    } catch (error) {
      const words = await session.keep();
      await session[Symbol.asyncDispose]();
      throw new Error(`The extension did not start.\n${words}`, { cause: error });
    }
    return session;
  }

  /** Changes some settings, in the person's file and in the machine's, where those of the machine's scope are read. */
  async changeSettings(changes: Readonly<Record<string, unknown>>): Promise<void> {
    for (const kind of ["User", "Machine"]) {
      const file = path.join(this.server.folder, "data", kind, "settings.json");
      const settings = JSON.parse(await readFile(file, "utf8")) as Readonly<Record<string, unknown>>;
      await writeFile(file, JSON.stringify({ ...settings, ...changes }));
    }
  }

  /** Keeps a picture of the window. */
  async screenshot(name: string): Promise<void> {
    await this.workbench.screenshot(path.join(this.results, `${name}.png`));
  }

  /** What the extension has written to its log so far. */
  async log(): Promise<string> {
    const files = await Array.fromAsync(glob(path.join(this.server.folder, "data/logs/**/GPT-2.log")));
    return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("");
  }

  /** Keeps a picture of the window, by default for a test that failed. @returns the end of the extension's log. */
  async keep(picture = `failed-${++this.#kept}`): Promise<string> {
    await this.screenshot(picture).catch(() => undefined);
    const lines = (await this.log()).trimEnd().split("\n").slice(-LOG_LINES);
    return [`The picture is ${path.join(this.results, `${picture}.png`)}. The end of the log:`, ...lines].join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      unwatchWindow(this, await this.keep("end").catch(String));
      await writeFile(path.join(this.results, "workbench.log"), this.workbench.console);
    } finally {
      await this.parts.disposeAsync();
    }
  }
}

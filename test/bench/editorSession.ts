import { copyFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CodeServer } from "../harness/codeServer";
import { TemporaryFolder, until } from "../harness/processes";
import { SampleWorkspace } from "../harness/sampleWorkspace";
import { VSIX } from "../harness/vsix";
import { Workbench } from "../harness/workbench";
import { type HostSample, probeFiles } from "./hostProbe";
import type { HostProfile } from "./hostProfile";

/**
 * Keys are at least so many milliseconds apart, in turn: a fast typist who now and then thinks for a moment, long enough for the panel
 * to ask something when the next key comes.
 */
const RHYTHM_MS = [150, 150, 150, 320, 150, 150, 265];

/** A longer time than this before a key is one in which the panel asks. */
const THOUGHT_MS = 250;

/** A key whose ghost text has not come by then counts as one without a suggestion. */
export const PATIENCE_MS = 700;

/** How the editor is set up: completions off, on, or on with the diagnostics panel in place of the file that stands beside otherwise. */
export type Setting = "off" | "on" | "panel";

/** What is written where. */
export interface Text {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface KeyTime {
  readonly key: string;
  /** Milliseconds from keydown to the frame with ghost text; undefined when none came. */
  readonly ms?: number;
  /** Whether the key was the next character of the ghost text that was there. */
  readonly along: boolean;
  /** Whether the person thought before it. */
  readonly afterPause: boolean;
}

/** A text that was typed with one setting. */
export interface Phase {
  readonly setting: Setting;
  /** Milliseconds since 1970. */
  readonly begin: number;
  readonly end: number;
  readonly keys: readonly KeyTime[];
}

/** The extension host during a session. */
export interface HostRecord {
  readonly samples: readonly HostSample[];
  readonly profile: HostProfile;
}

/** The packaged extension in the real editor, with a probe in its extension host, and hands that type. */
export class EditorSession implements AsyncDisposable {
  #enabled = true;
  #panel = false;
  #modelOpen = false;

  private constructor(
    private readonly workbench: Workbench,
    private readonly probe: string,
    private readonly stack: AsyncDisposableStack,
  ) {}

  static async start(results: string): Promise<EditorSession> {
    await using stack = new AsyncDisposableStack();
    const workspace = stack.use(await SampleWorkspace.create());
    const probe = stack.use(await TemporaryFolder.create("gpt2-probe"));
    await layOutProbe(probe.path);
    const file = path.join(probe.path, "probe");
    const server = stack.use(
      await CodeServer.start({
        vsix: VSIX,
        testDriver: true,
        logFolder: results,
        env: { GPT2_PROBE_FILE: file },
        settings: {
          "editor.autoClosingBrackets": "never",
          "editor.autoClosingQuotes": "never",
          "editor.autoIndent": "none",
        },
      }),
    );
    const url = server.url(workspace.folder, [["extensionDevelopmentPath", server.remoteUri(probe.path)]]);
    const workbench = stack.use(
      await Workbench.open(url, {
        prepare: (page) => page.addInitScript({ path: path.resolve("test/bench/pageProbe.js") }),
      }),
    );
    await workbench.statusItem.waitFor({ timeout: 60_000 });
    await workbench.openFile("report.py");
    await workbench.command("View: New Editor Group to the Right");
    await workbench.openFile(".vscode/settings.json");
    await workbench.command("View: Focus First Editor Group");
    return new EditorSession(workbench, file, stack.move());
  }

  /** Types a text into its file, and takes it back afterwards. */
  async type({ file, line, text }: Text, setting: Setting): Promise<Phase> {
    const { workbench } = this;
    await workbench.openFile(file);
    await this.#setUp(setting);
    await workbench.goTo(line);
    if (setting !== "off") await this.#openModel();
    const typedBefore = await workbench.page.evaluate<number>("gpt2Keys().length");
    const begin = Date.now();
    for (const [i, key] of Array.from(text).entries()) {
      await this.#typeKey(key, RHYTHM_MS[i % RHYTHM_MS.length] ?? 0, setting !== "off");
    }
    const end = Date.now();
    const times = await workbench.page.evaluate<Omit<KeyTime, "afterPause">[]>(`gpt2Keys().slice(${typedBefore})`);
    const keys = times.map((time, i) => ({
      ...time,
      afterPause: (RHYTHM_MS[(i - 1) % RHYTHM_MS.length] ?? 0) > THOUGHT_MS,
    }));
    await workbench.command("File: Revert File");
    return { setting, begin, end, keys };
  }

  /** Ends the measuring in the extension host. */
  async record(): Promise<HostRecord> {
    const profile = await stopProbe(this.probe);
    const lines = (await readFile(this.probe + probeFiles.samples, "utf8")).trim().split("\n");
    return { samples: lines.map((line) => JSON.parse(line) as HostSample), profile };
  }

  async screenshot(file: string): Promise<void> {
    await this.workbench.screenshot(file);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stack.disposeAsync();
  }

  async #setUp(setting: Setting): Promise<void> {
    const { workbench } = this;
    // Whoever switches completions makes them forget what they suggested: the same text is typed more than once.
    if (this.#enabled) await this.#toggle();
    if (setting !== "off") await this.#toggle();
    if (setting === "panel" && !this.#panel) {
      await workbench.command("GPT-2: Open Diagnostics");
      await workbench.webview().locator("table.candidates").waitFor({ timeout: 60_000 });
    } else if (setting !== "panel" && this.#panel) {
      await workbench.command("View: Focus Right Editor Group");
      await workbench.command("View: Close Editor");
      await workbench.command("View: Focus First Editor Group");
    }
    this.#panel = setting === "panel";
    await sleep(1000);
  }

  async #toggle(): Promise<void> {
    this.#enabled = !this.#enabled;
    await this.workbench.command("GPT-2: Toggle Inline Completions");
    // The setting goes through the window and back: another command at once would still see the old one.
    const struckOut = this.workbench.statusItem.locator(".codicon-circle-slash");
    await struckOut.waitFor({ state: this.#enabled ? "detached" : "attached" });
  }

  /** Asks for a suggestion once and waits, so that the first key does not pay for opening the model. */
  async #openModel(): Promise<void> {
    await this.workbench.command("Trigger Inline Suggestion");
    await sleep(this.#modelOpen ? 500 : 4000);
    this.#modelOpen = true;
  }

  /** Presses a key and waits for its ghost text, at least `rhythm` milliseconds, at most {@link PATIENCE_MS}. */
  async #typeKey(key: string, rhythm: number, wait: boolean): Promise<void> {
    const { workbench } = this;
    const begin = performance.now();
    await workbench.press(key === "\n" ? "Enter" : key === " " ? "Space" : key);
    const shown = "gpt2Keys().at(-1).ms !== undefined";
    if (wait) await workbench.page.waitForFunction(shown, undefined, { timeout: PATIENCE_MS }).catch(() => undefined);
    await sleep(Math.max(0, rhythm - (performance.now() - begin)));
  }
}

/** Makes `folder` the extension around hostProbe.ts. */
export async function layOutProbe(folder: string): Promise<void> {
  const manifest = {
    name: "host-probe",
    publisher: "gpt2-vscode-bench",
    version: "1.0.0",
    engines: { vscode: "^1.100.0" },
    main: "./hostProbe.js",
    activationEvents: ["*"],
  };
  await writeFile(path.join(folder, "package.json"), JSON.stringify(manifest));
  await copyFile("dist/test/bench/hostProbe.js", path.join(folder, "hostProbe.js"));
}

/** Ends the measuring in the extension host. @param probe the value of `GPT2_PROBE_FILE` */
export async function stopProbe(probe: string): Promise<HostProfile> {
  await writeFile(probe + probeFiles.stop, "");
  return until("the host's profile", 60_000, async () => {
    const text = await readFile(probe + probeFiles.profile, "utf8").catch(() => "");
    return text.endsWith("}") ? (JSON.parse(text) as HostProfile) : undefined;
  });
}

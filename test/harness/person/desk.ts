import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CodeServer, type CodeServerOptions } from "../codeServer";
import { TemporaryFolder, until } from "../processes";
import { Workbench } from "../workbench";
import { cellTexts, withoutSources } from "./notebook";
import { Person, type Manuscript, type Pace, type Writing } from "./person";

/** As people have it, so that ghost text comes in prose too. */
const SETTINGS = {
  "gpt2.inlineCompletions.languages": { "*": true },
  "notebook.lineNumbers": "on",
  "files.trimTrailingWhitespace": false,
};

export interface DeskOptions {
  /** Below the workspace's folder. */
  readonly file: string;
  readonly language: string;
  readonly tabSize: number;
  readonly random: () => number;
  readonly pace?: Pace;
  /** Where the extension is from, and where logs go. */
  readonly server: CodeServerOptions;
  /** Fills the workspace. */
  readonly fill: (folder: string) => Promise<void>;
}

/** A person in front of an empty file in the real editor. */
export class Desk implements AsyncDisposable {
  readonly person: Person;
  readonly #stack: AsyncDisposableStack;
  readonly #path: string;
  readonly #file: string;

  private constructor(
    readonly workbench: Workbench,
    folder: string,
    options: DeskOptions,
    stack: AsyncDisposableStack,
  ) {
    this.person = new Person(workbench, options.random, options.pace);
    this.#stack = stack;
    this.#path = path.join(folder, options.file);
    this.#file = options.file;
  }

  static async open(options: DeskOptions): Promise<Desk> {
    await using stack = new AsyncDisposableStack();
    const { path: folder } = stack.use(await TemporaryFolder.create("gpt2-desk"));
    await options.fill(folder);
    await mkdir(path.dirname(path.join(folder, options.file)), { recursive: true });
    await writeFile(path.join(folder, options.file), "");
    const language = `[${options.language}]`;
    const settings = { ...SETTINGS, [language]: { "editor.tabSize": options.tabSize }, ...options.server.settings };
    const server = stack.use(await CodeServer.start({ ...options.server, settings }));
    const prepare = (page: Workbench["page"]) =>
      page.addInitScript({ path: path.resolve("test/harness/person/page.js") });
    const workbench = stack.use(await Workbench.open(server.url(folder), { prepare }));
    await workbench.statusItem.waitFor({ timeout: 60_000 });
    return new Desk(workbench, folder, options, stack.move());
  }

  /** Writes the file and saves it. */
  async write(manuscript: Manuscript): Promise<Writing> {
    if (this.#file.endsWith(".ipynb")) return this.#writeNotebook(manuscript);
    await this.workbench.openFile(this.#file);
    await this.#openModel();
    const writing = await this.person.write(manuscript);
    await this.workbench.save();
    return writing;
  }

  /** What was saved. */
  saved(): Promise<string> {
    return readFile(this.#path, "utf8");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  async #writeNotebook({ text }: Manuscript): Promise<Writing> {
    const { workbench, person } = this;
    const { page } = workbench;
    await writeFile(this.#path, withoutSources(text));
    await page.keyboard.press("ControlOrMeta+P");
    await page.locator(".quick-input-widget input").fill(this.#file);
    await workbench.quickPickRow(path.basename(this.#file)).click();
    // A cell of Markdown is drawn elsewhere: its row counts as hidden.
    const row = page.locator(".notebookOverlay .cell-list-container .monaco-list-row").first();
    await row.waitFor({ state: "attached" });
    await workbench.command("Notebook: Focus First Cell");
    const parts: Writing[] = [];
    for (const [i, cell] of cellTexts(text).entries()) {
      if (i > 0) {
        await this.#leaveCell();
        await workbench.press("ArrowDown");
      }
      await workbench.press("Enter");
      await until("the cell's editor", 10_000, async () => (await this.#focused()) || undefined);
      if (i === 0) await this.#openModel();
      parts.push(await person.write({ text: cell }));
    }
    await workbench.save();
    return {
      places: parts.reduce((sum, { places }) => sum + places, 0),
      shown: parts.flatMap(({ shown }) => shown),
      accepted: parts.flatMap(({ accepted }) => accepted),
      faults: parts.flatMap(({ faults }) => faults),
    };
  }

  async #leaveCell(): Promise<void> {
    await until("the notebook's cell list", 10_000, async () => {
      if (!(await this.#focused())) return true;
      await this.workbench.press("Escape");
      return undefined;
    });
  }

  async #focused(): Promise<boolean> {
    return (await this.workbench.page.locator(".notebookOverlay .monaco-editor.focused").count()) > 0;
  }

  /** Asks for a suggestion once, so that the first key does not wait for the model. */
  async #openModel(): Promise<void> {
    await this.workbench.command("Trigger Inline Suggestion");
    await sleep(4000);
  }
}

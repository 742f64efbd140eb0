import * as vscode from "vscode";
import { longestTimeout } from "../backend/longestTimeout";
import { describeSnoozeTime, snoozeEnd, snoozeTimes, type SnoozeTime } from "./snoozeTimes";

/** Where the end of the snooze is stored, in milliseconds since 1970: it outlasts the window, and holds in the others too. */
const memoryKey = "snoozedUntil";
/** The context key for menus and keybindings. */
const contextKey = "gpt2.snoozed";

/** Suggestions while typing are snoozed for a while. */
export class Snooze implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #windowState: vscode.Disposable;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
    this.#windowState = vscode.window.onDidChangeWindowState(() => this.#follow());
    this.#follow();
  }

  /** When the snooze ends; undefined when there is none. */
  get until(): Date | undefined {
    const until = this.#memory.get<unknown>(memoryKey);
    return typeof until === "number" && until > Date.now() ? new Date(until) : undefined;
  }

  async begin(time: SnoozeTime): Promise<void> {
    await this.#memory.update(memoryKey, snoozeEnd(time, new Date()).getTime());
    this.#follow();
  }

  async end(): Promise<void> {
    await this.#memory.update(memoryKey, undefined);
    this.#follow();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#windowState.dispose();
    this.#changed.dispose();
  }

  /** Another window may have begun or ended the snooze. */
  #follow(): void {
    clearTimeout(this.#timer);
    const { until } = this;
    if (until) {
      // Where the timer cannot wait so long, it is set again when it ends.
      const delay = Math.min(until.getTime() - Date.now() + 50, longestTimeout);
      this.#timer = setTimeout(() => this.#follow(), delay);
    }
    void vscode.commands.executeCommand("setContext", contextKey, until !== undefined);
    this.#changed.fire();
  }
}

/** Registers GPT-2: Snooze, which asks for how long unless a keybinding says it in minutes, and GPT-2: Resume. */
export function registerSnooze(snooze: Snooze): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("gpt2.snooze", async (minutes?: unknown) => {
      const time = typeof minutes === "number" && minutes > 0 ? minutes : await pickTime();
      if (time !== undefined) await snooze.begin(time);
    }),
    vscode.commands.registerCommand("gpt2.resume", () => snooze.end()),
  );
}

async function pickTime(): Promise<SnoozeTime | undefined> {
  const items = snoozeTimes.map((time) => ({ label: describeSnoozeTime(time, vscode.l10n), time }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("GPT-2: Snooze"),
    placeHolder: vscode.l10n.t("No suggestions while typing. Those that are asked for still come."),
  });
  return chosen?.time;
}

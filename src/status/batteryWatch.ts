import * as vscode from "vscode";
import type { PowerSource } from "../engine/host/powerSource";

/** The value of `gpt2.onBattery`. */
type OnBattery = "continue" | "pauseIdleWork" | "pauseSuggestions";

/** What is paused because the machine runs on its battery. */
export type PausedOnBattery = "nothing" | "idleWork" | "suggestions";

/** Looking at the power source takes a few milliseconds of another thread, or a short process on macOS. */
const intervalMs = 60_000;
const setting = "gpt2.onBattery";

/** Watches the power source as long as the setting makes a difference of it. */
export class BatteryWatch implements vscode.Disposable {
  readonly #read: () => Promise<PowerSource>;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #subscription: vscode.Disposable;
  #timer: ReturnType<typeof setInterval> | undefined;
  #source: PowerSource = "unknown";
  #paused: PausedOnBattery = "nothing";

  /** @param read finds out the power source; does not reject */
  constructor(read: () => Promise<PowerSource>) {
    this.#read = read;
    this.#subscription = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(setting)) this.#start();
    });
    this.#start();
  }

  get paused(): PausedOnBattery {
    return this.#paused;
  }

  /** Looks at the power source now. */
  async look(): Promise<void> {
    const source = await this.#read();
    if (source === this.#source) return;
    this.#source = source;
    this.#update();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  #start(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#update();
    if (onBattery() === "continue") return;
    this.#timer = setInterval(() => void this.look(), intervalMs);
    void this.look();
  }

  #update(): void {
    const paused = this.#source === "battery" ? pausedBy(onBattery()) : "nothing";
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#changed.fire();
  }
}

function onBattery(): OnBattery {
  const value = vscode.workspace.getConfiguration().get<OnBattery>(setting, "pauseIdleWork");
  return value === "continue" || value === "pauseSuggestions" ? value : "pauseIdleWork";
}

function pausedBy(value: OnBattery): PausedOnBattery {
  if (value === "continue") return "nothing";
  return value === "pauseIdleWork" ? "idleWork" : "suggestions";
}

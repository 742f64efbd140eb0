import * as vscode from "vscode";
import type { Pauses } from "../completion/editor/pauses";
import type { BatteryWatch } from "./batteryWatch";
import type { Snooze } from "./snooze";

/** What is paused now, and why. */
export class WorkPauses implements Pauses, vscode.Disposable {
  readonly snooze: Snooze;
  readonly battery: BatteryWatch;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: readonly { dispose(): unknown }[];

  /** Both are its own from now on. */
  constructor(snooze: Snooze, battery: BatteryWatch) {
    this.snooze = snooze;
    this.battery = battery;
    const report = () => this.#changed.fire();
    this.#subscriptions = [snooze.onDidChange(report), battery.onDidChange(report), snooze, battery, this.#changed];
  }

  get suggestions(): boolean {
    return this.snooze.until !== undefined || this.battery.paused === "suggestions";
  }

  get idleWork(): boolean {
    return this.battery.paused !== "nothing";
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import type { Workbench } from "../workbench";
import { judge, type Verdict } from "./judge";
import { indentWidth, nextStep, type Step } from "./nextStep";
import { drawn, type PageRecord, type View } from "./view";

/** A file to be written. */
export interface Manuscript {
  readonly text: string;
  /** How wide a tab is where lines are indented by tabs; undefined: by spaces. */
  readonly tabSize?: number;
}

/** Milliseconds that it takes to see that something is wrong. */
const NOTICE_MS = 250;

/** Milliseconds. */
export interface Pace {
  readonly key: number;
  /** At the beginning of a line. */
  readonly line: number;
  /** To read a suggestion. */
  readonly read: number;
  /** Share of letters that are mistyped first. */
  readonly mistakes: number;
}

export const USUAL_PACE: Pace = { key: 140, line: 300, read: 180, mistakes: 0.015 };

/** A place at which a person was about to press a key, and saw ghost text. */
export interface Place {
  readonly line: number;
  readonly before: string;
  readonly drawn: string;
  readonly verdict: Verdict;
}

export interface Writing {
  /** Places at which a key was pressed, with ghost text or without. */
  readonly places: number;
  readonly shown: readonly Place[];
  /** What was accepted by a key, in characters without indentation. */
  readonly accepted: readonly { readonly how: "whole" | "word"; readonly text: string }[];
  /** What was not as it should have been, and was corrected. */
  readonly faults: readonly string[];
}

/** Keys that are needed to write lines without suggestions: the editor indents. */
export function keysFor(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.trimStart().length + 1, -1);
}

/** Writes a text into the editor that has the focus, key by key, and takes what is right of the ghost text. */
export class Person {
  readonly #workbench: Workbench;
  readonly #random: () => number;
  readonly #pace: Pace;
  /** On the clock of this process. */
  #lastKeyAt = 0;
  /** Milliseconds that the last look at the editor took. */
  #lookingMs = 0;

  /** @param random numbers from 0 to 1 */
  constructor(workbench: Workbench, random: () => number, pace: Pace = USUAL_PACE) {
    this.#workbench = workbench;
    this.#random = random;
    this.#pace = pace;
  }

  /** @throws when the text does not get on for 40 steps */
  async write({ text, tabSize }: Manuscript): Promise<Writing> {
    const goal = text.split("\n").map((line) => line.replaceAll("\t", " ".repeat(tabSize ?? 4)));
    const shown: Place[] = [];
    const accepted: Writing["accepted"][number][] = [];
    const faults: string[] = [];
    let places = 0;
    let farthest = 0;
    let lastProgress = 0;
    for (;;) {
      const view = await this.view();
      const at = goal.slice(0, view.line - 1).join("\n").length + view.before.length;
      if (at > farthest) [farthest, lastProgress] = [at, places];
      if (places - lastProgress > 60)
        throw new Error(`It does not get on: ${JSON.stringify(view)} ${faults.join("; ")}`);
      places++;
      const verdict = judge(view, goal);
      if (verdict) {
        shown.push({ line: view.line, before: view.before, drawn: drawn(view), verdict });
        const taken = await this.#accept(view, verdict, goal);
        if (taken) {
          accepted.push(taken);
          continue;
        }
      }
      const step = nextStep(view, goal, tabSize !== undefined);
      if (step.kind === "done") return { places, shown, accepted, faults };
      if (step.kind === "press" && step.fault) faults.push(`line ${view.line}: ${step.fault}`);
      if (step.kind === "type") await this.#mistake(step.text);
      await this.#perform(step, view, verdict !== undefined);
      if (step.kind === "type" && (await this.#isDoubled(step.text, view))) {
        faults.push(`line ${view.line}: “${step.text}” is doubled`);
        await this.#press("Delete");
      }
    }
  }

  /** What there is to be seen now, once it is drawn. */
  async view(): Promise<View> {
    const began = performance.now();
    for (let attempt = 0; attempt < 100; attempt++) {
      await this.#workbench.page.evaluate(
        "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
      );
      const view = await this.#workbench.page.evaluate<View | undefined>("personView()");
      if (view) {
        this.#lookingMs = performance.now() - began;
        return view;
      }
      await sleep(50);
    }
    throw new Error("No editor has the focus.");
  }

  /** What the page has recorded. */
  record(): Promise<PageRecord> {
    return this.#workbench.page.evaluate<PageRecord>("personRecord()");
  }

  async #accept(
    view: View,
    verdict: Verdict,
    goal: readonly string[],
  ): Promise<Writing["accepted"][number] | undefined> {
    const { right, word } = verdict;
    if (right < 2 && word === "") return undefined;
    await sleep(this.#pace.read);
    const again = await this.view();
    if (drawn(again) !== drawn(view) || again.before !== view.before) return undefined;
    await this.#press(right >= 2 ? "Tab" : "ControlOrMeta+ArrowRight");
    const line = goal
      .slice(view.line - 1)
      .join("\n")
      .slice(view.before.length);
    const text = right >= 2 ? line.slice(0, right) : word;
    await this.#pause(this.#pace.key);
    return { how: right >= 2 ? "whole" : "word", text: text.replaceAll(/\n\s+/g, "\n") };
  }

  /** Now and then another letter comes first, and is deleted. */
  async #mistake(wanted: string): Promise<void> {
    if (!/[a-z]/.test(wanted) || this.#random() > this.#pace.mistakes) return;
    const count = this.#random() < 0.7 ? 1 : 2;
    for (let i = 0; i < count; i++) {
      await this.#press(String.fromCharCode(97 + Math.floor(this.#random() * 26)));
      await this.#pause(this.#pace.key);
    }
    await this.#pause(this.#pace.key);
    for (let i = 0; i < count; i++) {
      await this.#press("Backspace");
      await this.#pause(this.#pace.key);
    }
  }

  async #perform(step: Exclude<Step, { kind: "done" }>, view: View, ghost: boolean): Promise<void> {
    if (step.kind === "type") {
      await this.#press(step.text === " " ? "Space" : step.text);
      await this.#pause(this.#pace.key * (/[\w.]/.test(step.text) ? 1 : 1.6));
    } else if (step.kind === "press") {
      // Tab would accept it.
      if (step.key === "Tab" && ghost) await this.#press("Escape");
      await this.#press(step.key);
      await this.#pause(step.key === "Enter" ? this.#pace.line : this.#pace.key);
    } else {
      const [begun = ""] = view.below;
      await this.#press("ArrowDown");
      await this.#press(step.column === begun.length ? "End" : "Home");
      const steps = step.column === begun.length ? 0 : step.column - indentWidth(begun);
      for (let i = 0; i < steps; i++) await this.#press("ArrowRight");
      await this.#pause(this.#pace.key);
    }
  }

  /** Whether what was typed is still there after the cursor, although it had been there before. The editor types over no spaces. */
  async #isDoubled(typed: string, { after: old }: View): Promise<boolean> {
    if (typed.trim() === "" || !old.startsWith(typed)) return false;
    const isSame = async () => (await this.view()).after === old;
    if (!(await isSame())) return false;
    await sleep(NOTICE_MS);
    return isSame();
  }

  async #press(key: string): Promise<void> {
    await this.#workbench.press(key);
    this.#lastKeyAt = performance.now();
  }

  /** About `ms` since the last key, in which looking takes its share; now and then much longer. */
  async #pause(ms: number): Promise<void> {
    const thought = this.#random() < 0.02 ? 500 + 700 * this.#random() : 0;
    const looking = this.#lookingMs;
    await sleep(
      Math.max(0, this.#lastKeyAt + ms * (0.6 + 0.8 * this.#random()) + thought - looking - performance.now()),
    );
  }
}

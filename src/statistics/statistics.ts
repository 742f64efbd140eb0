import * as vscode from "vscode";
import type { SuggestionTracker } from "../completion/editor/suggestionTracker";
import {
  merge,
  noCounts,
  oneAccepted,
  oneChecked,
  oneShown,
  parseStatistics,
  sum,
  type Counts,
  type StatisticsData,
} from "./counts";
import { KeptTexts } from "./keptTexts";

export interface StatisticsOptions {
  readonly suggestions: Pick<SuggestionTracker, "onDidShow" | "onDidAccept">;
  /** Stores the counts on this machine. */
  readonly memory: vscode.Memento;
  /** After so many milliseconds, an accepted text is looked at again. */
  readonly keptAfterMs?: number;
}

const memoryKey = "statistics";
/** Counts are stored no more often, in milliseconds. */
const storeAfterMs = 5000;

/** Counts suggestions and what becomes of them, in all windows together. */
export class Statistics implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #keptTexts: KeptTexts;
  readonly #subscriptions: readonly { dispose(): unknown }[];
  /** What this window has counted since it last stored. */
  #recent: Record<string, Counts> = {};
  #storing: ReturnType<typeof setTimeout> | undefined;

  constructor({ suggestions, memory, keptAfterMs = 30_000 }: StatisticsOptions) {
    this.#memory = memory;
    this.#keptTexts = new KeptTexts(keptAfterMs, (languageId, isKept) => this.#add(languageId, oneChecked(isKept)));
    this.#subscriptions = [
      this.#keptTexts,
      suggestions.onDidShow((languageId) => this.#add(languageId, oneShown)),
      suggestions.onDidAccept((acceptance) => {
        const { kind, document, text } = acceptance;
        this.#add(document.languageId, oneAccepted(kind, text.length));
        this.#keptTexts.follow(acceptance);
      }),
    ];
  }

  get data(): StatisticsData {
    const { since, languages } = this.#stored;
    return { since, languages: merge(languages, this.#recent) };
  }

  async reset(): Promise<void> {
    this.#recent = {};
    await this.#memory.update(memoryKey, { since: Date.now(), languages: {} } satisfies StatisticsData);
    this.#changed.fire();
  }

  dispose(): void {
    if (this.#storing !== undefined) void this.#store();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  get #stored(): StatisticsData {
    return parseStatistics(this.#memory.get(memoryKey)) ?? { since: Date.now(), languages: {} };
  }

  #add(languageId: string, counts: Counts): void {
    this.#recent[languageId] = sum([this.#recent[languageId] ?? noCounts, counts]);
    this.#storing ??= setTimeout(() => void this.#store(), storeAfterMs);
    this.#changed.fire();
  }

  async #store(): Promise<void> {
    clearTimeout(this.#storing);
    this.#storing = undefined;
    const { data } = this;
    this.#recent = {};
    await this.#memory.update(memoryKey, data);
  }
}

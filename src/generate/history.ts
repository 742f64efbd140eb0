import { Listeners } from "../backend/listeners";
import { completeForm, type GenerateForm } from "./form";

/** A generation that is over. */
export interface HistoryEntry {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly model: string;
  /** With the seed that was used. */
  readonly form: GenerateForm;
  readonly texts: readonly string[];
}

/** Where the history is kept; the editor's state of a workspace is one. */
export interface Store {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const key = "gpt2.generate.history";

/** Entries that are kept. */
export const maxEntries = 30;

/** The end of a prompt that is kept, in UTF-16 units: no model of the family reads more. */
const maxPrompt = 16_000;

/** The last generations of a workspace, the newest first. While it is switched off, it keeps nothing. */
export class GenerateHistory {
  readonly #store: Store;
  readonly #isOn: () => boolean;
  readonly #listeners = new Listeners<void>();

  constructor(store: Store, isOn: () => boolean) {
    this.#store = store;
    this.#isOn = isOn;
  }

  get entries(): readonly HistoryEntry[] {
    const stored = this.#isOn() ? this.#store.get(key) : undefined;
    return Array.isArray(stored) ? stored.flatMap((entry: unknown) => entryOf(entry) ?? []) : [];
  }

  get isOn(): boolean {
    return this.#isOn();
  }

  /** Calls `listener` after each change. */
  onDidChange(listener: () => void): Disposable {
    return this.#listeners.add(listener);
  }

  async add(entry: Omit<HistoryEntry, "id">): Promise<void> {
    if (!this.#isOn() || entry.texts.every((text) => text === "")) return;
    const form = { ...entry.form, prompt: entry.form.prompt.slice(-maxPrompt) };
    const added = { ...entry, form, id: crypto.randomUUID() };
    await this.#set([added, ...this.entries].slice(0, maxEntries));
  }

  async remove(id: string): Promise<void> {
    await this.#set(this.entries.filter((entry) => entry.id !== id));
  }

  async clear(): Promise<void> {
    await this.#set(undefined);
  }

  /** Clears the history if it was switched off. */
  async settingChanged(): Promise<void> {
    if (!this.#isOn() && this.#store.get(key) !== undefined) await this.clear();
  }

  async #set(entries: readonly HistoryEntry[] | undefined): Promise<void> {
    await this.#store.update(key, entries);
    this.#listeners.fire();
  }
}

/** A stored entry, undefined if it is none. */
function entryOf(stored: unknown): HistoryEntry | undefined {
  const { id, at, model, form, texts } = (stored ?? {}) as Partial<Record<keyof HistoryEntry, unknown>>;
  if (typeof id !== "string" || typeof at !== "number" || !Array.isArray(texts)) return undefined;
  if (!texts.every((text) => typeof text === "string")) return undefined;
  return { id, at, model: typeof model === "string" ? model : "", form: completeForm(form), texts };
}

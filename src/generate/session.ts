import type { CompletionBackend } from "../backend/backend";
import type { TextGrowth, TextsRequest, WrittenTexts } from "../backend/texts";
import type { GenerateForm } from "./form";
import { randomSeed, textsRequest } from "./formRequest";
import type { GenerateHistory, HistoryEntry } from "./history";
import type { RunView, ToPage } from "./protocol";
import { branchTokens, fullText, growthView, type SessionText, textView } from "./sessionText";

/** What a session needs of a backend. */
export type SessionBackend = Pick<CompletionBackend, "state" | "describe" | "generateTexts">;

export interface SessionOptions {
  readonly backend: SessionBackend;
  readonly history: GenerateHistory;
  /** Receives what the page is to show anew. */
  readonly post: (message: ToPage) => void;
  readonly onError: (error: unknown) => void;
}

/** Milliseconds between two messages while texts grow. */
const growthIntervalMs = 50;

const idle: RunView = { running: false, loading: false, tokens: 0, of: 0, decodeMs: 0, problem: undefined };

/** The texts of the form, and the run that writes some of them. One run at a time: the next one cancels it. */
export class GenerateSession implements Disposable {
  readonly #options: SessionOptions;
  #texts: readonly SessionText[] = [];
  #nextId = 1;
  #run: RunView = idle;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** Texts that grew since the last message. */
  readonly #grown = new Set<SessionText>();
  /** How many of a text's tokens the page has. */
  readonly #sent = new WeakMap<SessionText, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Everything that a page without anything shows of the session. */
  view(): Pick<ToPage, "texts" | "run"> {
    return { texts: this.#texts.map((text) => this.#send(text, 0, textView)), run: this.#run };
  }

  /** The text as it is shown. */
  textOf(id: number): string | undefined {
    const text = this.#find(id);
    return text && fullText(text).slice(0, text.shown);
  }

  /** The form that a text was written with. */
  formOf(id: number): GenerateForm | undefined {
    return this.#find(id)?.form;
  }

  /** Writes the texts of a form in place of those that are not kept. Resolves when they are done. */
  start(form: GenerateForm): Promise<void> {
    return this.#begin(() => {
      const seed = form.seed ?? randomSeed();
      const request = textsRequest(form, seed);
      const texts = request.samplings.map((sampling) =>
        this.#newText({ ...form, seed }, request.beams ? undefined : sampling.seed),
      );
      this.#texts = [...this.#texts.filter(({ kept }) => kept), ...texts];
      return { texts, request };
    });
  }

  /** Writes a text anew from a token on, with one of its alternatives in its place, beside the text. */
  branch(id: number, position: number, alternative: number): Promise<void> {
    const parent = this.#find(id);
    const tokens = parent && branchTokens(parent, position, alternative);
    if (!tokens) return Promise.resolve();
    const text = { ...this.#newText(parent.form, parent.seed), tokens, plain: parent.plain };
    text.parent = parent.id;
    text.branchedAt = position;
    text.shown = fullText(text).length;
    const at = this.#texts.indexOf(parent) + 1;
    this.#texts = this.#texts.toSpliced(at, 0, text);
    return this.#goOn(text);
  }

  /** Continues a text. */
  continueText(id: number): Promise<void> {
    const text = this.#find(id);
    return text ? this.#goOn(text) : Promise.resolve();
  }

  cancel(): void {
    this.#stop.abort();
  }

  /** Keeps a text when the next ones are written, or no longer does. */
  toggleKept(id: number): void {
    const text = this.#find(id);
    if (text) text.kept = !text.kept;
    this.#postAll();
  }

  remove(id: number): void {
    this.#texts = this.#texts.filter((text) => text.id !== id);
    this.#postAll();
  }

  /** Shows the texts of an earlier generation in place of those that are not kept. */
  showEntry({ form, texts }: Pick<HistoryEntry, "form" | "texts">): void {
    this.cancel();
    const shown = texts.map((plain, i): SessionText => {
      const seed = form.beams > 1 || form.seed === null ? undefined : form.seed + i;
      return { ...this.#newText(form, seed), plain, shown: plain.length, state: "stored" };
    });
    this.#texts = [...this.#texts.filter(({ kept }) => kept), ...shown];
    this.#run = idle;
    this.#postAll();
  }

  [Symbol.dispose](): void {
    this.cancel();
    clearTimeout(this.#timer);
  }

  #goOn(text: SessionText): Promise<void> {
    return this.#begin(() => {
      const { form, tokens, plain } = text;
      // A text goes on by drawing tokens, even if it was found by a beam search.
      const request = textsRequest({ ...form, texts: 1, beams: 1 }, text.seed ?? form.seed ?? randomSeed());
      text.state = "writing";
      const written = tokens.length > 0 ? { written: tokens.map(({ token }) => token) } : {};
      return { texts: [text], request: { ...request, prompt: request.prompt + plain, ...written } };
    });
  }

  /** Runs a request after the one before it has stopped. */
  #begin(prepare: () => { texts: readonly SessionText[]; request: TextsRequest }): Promise<void> {
    this.cancel();
    const stop = (this.#stop = new AbortController());
    this.#running = this.#running.then(async () => {
      try {
        const { texts, request } = prepare();
        await this.#write(texts, request, stop.signal);
      } catch (error) {
        this.#fail(error);
      }
    });
    return this.#running;
  }

  async #write(texts: readonly SessionText[], request: TextsRequest, signal: AbortSignal): Promise<void> {
    const { backend } = this.#options;
    const loading = backend.state.kind !== "ready";
    this.#run = { ...idle, running: true, loading, of: request.maxTokens * texts.length };
    this.#postAll();
    const { name } = await backend.describe();
    this.#run = { ...this.#run, loading: false };
    let began: number | undefined;
    const onGrowth = (growth: TextGrowth) => {
      began ??= performance.now();
      const { tokens } = this.#run;
      this.#run = { ...this.#run, tokens: tokens + 1, decodeMs: performance.now() - began };
      this.#grow(texts[growth.index], growth);
    };
    const bases = texts.map(({ plain }) => plain);
    const grow = (growth: TextGrowth) => onGrowth({ ...growth, text: (bases[growth.index] ?? "") + growth.text });
    const result = await backend.generateTexts(request, { signal, onGrowth: grow });
    this.#finish(texts, result, bases);
    await this.#remember(texts, name);
  }

  #grow(text: SessionText | undefined, { text: soFar, token }: TextGrowth): void {
    if (!text) return;
    if (token) text.tokens.push(token);
    else text.plain = soFar;
    text.shown = soFar.length;
    this.#grown.add(text);
    this.#timer ??= setTimeout(() => this.#flush(), growthIntervalMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const growth = Array.from(this.#grown, (text) => this.#send(text, this.#sent.get(text) ?? 0, growthView));
    this.#grown.clear();
    this.#options.post({ growth, run: this.#run });
  }

  #finish(texts: readonly SessionText[], { texts: results, timings }: WrittenTexts, bases: readonly string[]): void {
    for (const [i, text] of texts.entries()) {
      const result = results[i];
      text.state = result?.finish ?? "failed";
      const whole = (bases[i] ?? "") + (result?.text ?? "");
      if (text.tokens.length === 0) text.plain = whole;
      text.shown = whole.length;
    }
    // A beam search may find fewer texts than were asked for.
    this.#texts = this.#texts.filter((text) => text.state !== "failed" || !texts.includes(text));
    const { newTokens, decodeMs } = timings;
    this.#run = { ...idle, tokens: newTokens, of: newTokens, decodeMs };
    this.#postAll();
  }

  #fail(error: unknown): void {
    for (const text of this.#texts) if (text.state === "writing") text.state = "failed";
    this.#texts = this.#texts.filter((text) => text.state !== "failed" || fullText(text) !== "");
    this.#run = { ...idle, problem: error instanceof Error ? error.message : String(error) };
    this.#postAll();
    this.#options.onError(error);
  }

  async #remember(texts: readonly SessionText[], model: string): Promise<void> {
    const [first] = texts;
    if (!first) return;
    const all = texts.map((text) => fullText(text).slice(0, text.shown));
    await this.#options.history.add({ at: Date.now(), model, form: first.form, texts: all });
  }

  #postAll(): void {
    this.#grown.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const texts = this.#texts.map((text) => this.#send(text, this.#sent.get(text) ?? 0, textView));
    this.#options.post({ texts, run: this.#run });
  }

  #send<View>(text: SessionText, from: number, makeView: (text: SessionText, from: number) => View): View {
    this.#sent.set(text, text.tokens.length);
    return makeView(text, from);
  }

  #find(id: number): SessionText | undefined {
    return this.#texts.find((text) => text.id === id);
  }

  #newText(form: GenerateForm, seed: number | undefined): SessionText {
    const nothing = { parent: undefined, branchedAt: 0, tokens: [], plain: "", shown: 0, kept: false };
    return { ...nothing, id: this.#nextId++, form, seed, state: "writing" };
  }
}

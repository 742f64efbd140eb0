import type { ToPanel } from "../protocol";
import { defaultSampling, type CandidateRow, type LogitsView, type EmptyView, type Sampling } from "../views";
import { candidateTable, type OnPick } from "./candidateTable";
import { action, element, note, replaceContent } from "./dom";
import { visibleText } from "./format";
import { cursorLine, emptyState, placeLine } from "./cursorLine";
import { rove } from "./roving";
import { Slider } from "./slider";
import { l10n } from "./l10n";

export interface LogitsTabOptions {
  readonly sampling: Sampling;
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly onSampling: (sampling: Sampling) => void;
  readonly post: (message: ToPanel) => void;
}

/** Candidates that are shown at first. */
const shownAtFirst = 20;

const healingTitle = l10n.t(
  "Roll back the token that the cursor may have cut and choose it again, as a completion does.",
);

/** Milliseconds after the last key before a search starts. */
const findRestMs = 150;

/** The likeliest next tokens at the cursor, the effect of sampling on them, and a search for other tokens. */
export class LogitsTab {
  readonly #options: LogitsTabOptions;
  readonly element: HTMLElement;
  readonly #place = placeLine();
  readonly #candidates = element("div");
  readonly #summary = element("p", { class: "quiet" });
  readonly #found = element("div");
  readonly #search = element("input", { type: "search", spellcheck: "false", placeholder: l10n.t("Text or id") });
  readonly #healing = element("input", { type: "checkbox" });
  readonly #live: HTMLElement;
  readonly #sliders;
  readonly #more: HTMLButtonElement;
  readonly #settle: readonly (() => void)[];
  #view: LogitsView | undefined;
  #all = false;
  #findTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LogitsTabOptions) {
    this.#options = options;
    this.#sliders = makeSliders(options.sampling, () => options.onSampling(this.#sampling));
    this.#more = action(l10n.t("Show all"), () => this.#toggleAll());
    const { temperature, topK, topP } = this.#sliders;
    this.#live = element(
      "div",
      { hidden: true },
      element(
        "fieldset",
        { class: "sampling" },
        element("legend", {}, l10n.t("Sampling")),
        temperature.element,
        topK.element,
        topP.element,
        element("label", { title: healingTitle }, this.#healing, l10n.t("Token healing")),
        action(l10n.t("Reset"), () => this.#reset()),
      ),
      this.#candidates,
      element("div", { class: "below" }, this.#summary, this.#more),
      element("label", { class: "find" }, element("span", {}, l10n.t("Find a token")), this.#search),
      this.#found,
    );
    this.#search.value = options.query;
    this.#healing.checked = options.sampling.healing;
    this.#healing.addEventListener("change", () => options.onSampling(this.#sampling));
    this.#search.addEventListener("input", () => this.#findSoon());
    this.#settle = [this.#candidates, this.#found].map((part) => rove(part, "button.pick", 2));
    this.element = element("div", {}, this.#place, this.#live);
  }

  show(view: LogitsView | EmptyView): void {
    this.#live.hidden = view.kind !== "logits";
    this.#view = view.kind === "logits" ? view : undefined;
    if (view.kind !== "logits") {
      replaceContent(this.#place, emptyState(view));
      return;
    }
    replaceContent(this.#place, cursorLine(view.cursor, [], view.ms), before(view));
    this.#draw(view);
  }

  #draw({ candidates, choices, found, rolledBack }: LogitsView): void {
    const options = { sampled: true, rolledBack, onPick: this.#onPick };
    const shown = candidates.slice(0, this.#all ? undefined : shownAtFirst);
    replaceContent(
      this.#candidates,
      candidateTable(shown, { caption: l10n.t("The likeliest next tokens"), ...options }),
    );
    this.#summary.textContent = drawable(candidates, choices);
    this.#more.textContent = l10n.t("Show {0}", this.#all ? shownAtFirst : candidates.length);
    this.#more.hidden = candidates.length <= shownAtFirst;
    const none = this.#search.value === "" ? [] : [note(l10n.t("No token has this text or id."))];
    const drawn = found?.length ? [candidateTable(found, { caption: l10n.t("Found"), ...options })] : none;
    replaceContent(this.#found, ...drawn);
    this.#settle.forEach((settle) => settle());
  }

  readonly #onPick: OnPick = (text, use) => this.#options.post({ kind: "pick", text, use });

  get #sampling(): Sampling {
    const { temperature, topK, topP } = this.#sliders;
    const healing = this.#healing.checked;
    return { healing, temperature: temperature.value, topK: topK.value, topP: topP.value };
  }

  #reset(): void {
    this.#healing.checked = defaultSampling.healing;
    this.#sliders.temperature.value = defaultSampling.temperature;
    this.#sliders.topK.value = defaultSampling.topK;
    this.#sliders.topP.value = defaultSampling.topP;
    this.#options.onSampling(this.#sampling);
  }

  #toggleAll(): void {
    this.#all = !this.#all;
    if (this.#view) this.#draw(this.#view);
  }

  #findSoon(): void {
    clearTimeout(this.#findTimer);
    this.#findTimer = setTimeout(() => this.#options.onQuery(this.#search.value), findRestMs);
  }
}

/** The text before the cursor, with what healing takes back marked. */
function before({ before, rolledBack }: LogitsView): HTMLElement {
  const kept = before.slice(0, before.length - rolledBack.length);
  const title = l10n.t("Rolled back and chosen again");
  const marked = rolledBack === "" ? [] : [element("bdi", { class: "rolled-back", title }, visibleText(rolledBack))];
  const caret = element("span", { class: "caret" });
  return element("p", { class: "before" }, element("bdi", {}, visibleText(kept)), ...marked, caret);
}

/** How many tokens can be sampled, as far as the candidates show. */
function drawable(candidates: readonly CandidateRow[], choices: number): string {
  const kept = candidates.filter(({ chance }) => chance > 0).length;
  const exact = kept < candidates.length || kept === choices;
  return exact
    ? l10n.t("{0} of {1} tokens can be sampled.", kept, choices)
    : l10n.t("At least {0} of {1} tokens can be sampled.", kept, choices);
}

function makeSliders({ temperature, topK, topP }: Sampling, onChange: () => void) {
  return {
    temperature: new Slider({
      label: l10n.t("Temperature"),
      min: 0,
      max: 2,
      step: 0.05,
      value: temperature,
      describe: (value) => (value === 0 ? l10n.t("0: greedy") : value.toFixed(2)),
      onChange,
    }),
    topK: new Slider({
      label: l10n.t("Top-k"),
      min: 0,
      max: 100,
      step: 1,
      value: topK,
      describe: (value) => (value === 0 ? l10n.t("all") : String(value)),
      onChange,
    }),
    topP: new Slider({
      label: l10n.t("Top-p"),
      min: 0.05,
      max: 1,
      step: 0.05,
      value: topP,
      describe: (value) => (value === 1 ? l10n.t("all") : value.toFixed(2)),
      onChange,
    }),
  };
}

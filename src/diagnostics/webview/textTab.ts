import type { ToPanel } from "../protocol";
import type { ExpectedView, EmptyView, PromptToken, TextView } from "../views";
import { candidateTable } from "./candidateTable";
import { element, note, replaceContent } from "./dom";
import { bits, percent, visibleText } from "./format";
import { cursorLine, emptyState } from "./cursorLine";
import { legend } from "./legend";
import { shadeOf, type Scale } from "./scale";
import { TokenList, type Shade } from "./tokenList";

/** What the shading of a token shows. */
export type Measure = "surprisal" | "entropy";

const scales: Readonly<Record<Measure, Scale>> = {
  surprisal: { steps: [1, 3, 6, 9, 12], write: bits },
  entropy: { steps: [1, 2, 4, 6, 8], write: bits },
};

const explanations: Readonly<Record<Measure, string>> = {
  surprisal: "How unlikely the model held each token behind those before it.",
  entropy: "How unsure the model was before each token.",
};

/** The prompt as the model reads it, and what it expected in place of each token. */
export class TextTab {
  readonly element: HTMLElement;
  readonly #place = element("div", { class: "place" });
  readonly #legend = element("div");
  readonly #expected = element("div");
  readonly #list: TokenList;
  readonly #live: HTMLElement;
  #view: TextView | undefined;
  #measure: Measure = "surprisal";

  constructor(post: (message: ToPanel) => void) {
    this.#list = new TokenList("Tokens of the prompt", (position) => post({ kind: "choose", position }));
    this.#live = element("div", { hidden: true }, this.#measures(), this.#legend, this.#list.element, this.#expected);
    this.element = element("div", {}, this.#place, this.#live);
  }

  show(view: TextView | EmptyView): void {
    this.#live.hidden = view.kind !== "text";
    this.#view = view.kind === "text" ? view : undefined;
    if (view.kind !== "text") {
      replaceContent(this.#place, emptyState(view));
      return;
    }
    const size = `${view.tokens.length} of ${view.contextLength} tokens`;
    replaceContent(this.#place, cursorLine(view.cursor, [size], view.ms), ...windowNote(view.windowStart));
    this.#draw(view, view.expected.position);
    this.#showExpected(view.expected);
  }

  #draw({ tokens }: TextView, position: number): void {
    const explanation = element("p", { class: "quiet" }, explanations[this.#measure]);
    replaceContent(this.#legend, explanation, legend(scales[this.#measure]));
    this.#list.show(tokens, position, (i) => this.#shade(tokens[i]));
  }

  #shade(token: PromptToken | undefined): Shade {
    const { prediction } = token ?? {};
    if (!prediction) return { step: 0, figure: "nothing before it" };
    const { surprisal, entropy, rank } = prediction;
    const figure = `surprisal ${bits(surprisal)}, entropy ${bits(entropy)}, rank ${rank}`;
    return { step: shadeOf(prediction[this.#measure], scales[this.#measure]), figure };
  }

  #showExpected({ position, candidates }: ExpectedView): void {
    const token = this.#view?.tokens[position];
    if (!token) return;
    this.#list.select(position);
    const { prediction } = token;
    const name = visibleText(token.text);
    replaceContent(
      this.#expected,
      element("h2", {}, `Token ${position + 1}: `, element("bdi", { class: "token" }, name)),
      prediction
        ? element(
            "p",
            {},
            `The model gave it ${percent(2 ** -prediction.surprisal)} (rank ${prediction.rank}, surprisal ` +
              `${bits(prediction.surprisal)}). The entropy there is ${bits(prediction.entropy)}.`,
          )
        : note("Nothing stands before it, so nothing was expected."),
      ...(candidates.length > 0 ? [candidateTable(candidates, { caption: "What the model expected there" })] : []),
    );
  }

  /** The choice between surprisal and entropy. */
  #measures(): HTMLElement {
    const choice = (measure: Measure, label: string) => {
      const input = element("input", { type: "radio", name: "measure", checked: measure === this.#measure });
      input.addEventListener("change", () => {
        this.#measure = measure;
        if (this.#view) this.#draw(this.#view, this.#list.chosen);
      });
      return element("label", {}, input, label);
    };
    return element(
      "fieldset",
      { class: "choices" },
      element("legend", {}, "Shading"),
      choice("surprisal", "Surprisal"),
      choice("entropy", "Entropy"),
    );
  }
}

function windowNote(windowStart: number): HTMLElement[] {
  if (windowStart === 0) return [];
  return [note(`The window begins ${windowStart} characters into the text: what is before does not fit the context.`)];
}

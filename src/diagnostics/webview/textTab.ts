import type { ToPanel } from "../protocol";
import type { ExpectedView, EmptyView, PromptToken, TextView } from "../views";
import { candidateTable } from "./candidateTable";
import { element, note, replaceContent } from "./dom";
import { bits, percent, visibleText } from "./format";
import { cursorLine, emptyState, placeLine } from "./cursorLine";
import { legend } from "./legend";
import { shadeOf, type Scale } from "./scale";
import { TokenList, type Shade } from "./tokenList";
import { l10n } from "./l10n";

/** What the shading of a token shows. */
export type Measure = "surprisal" | "entropy";

const scales: Readonly<Record<Measure, Scale>> = {
  surprisal: { steps: [1, 3, 6, 9, 12], write: bits },
  entropy: { steps: [1, 2, 4, 6, 8], write: bits },
};

const explanations: Readonly<Record<Measure, string>> = {
  surprisal: l10n.t("How unlikely the model considered each token, given those before it."),
  entropy: l10n.t("How uncertain the model was before each token."),
};

/** The prompt as the model reads it, and what it expected in place of each token. */
export class TextTab {
  readonly element: HTMLElement;
  readonly #place = placeLine();
  readonly #legend = element("div");
  readonly #expected = element("div");
  readonly #list: TokenList;
  readonly #live: HTMLElement;
  #view: TextView | undefined;
  #measure: Measure = "surprisal";

  constructor(post: (message: ToPanel) => void) {
    this.#list = new TokenList(l10n.t("Tokens of the prompt"), (position) => post({ kind: "choose", position }));
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
    const size = l10n.t("{0} of {1} tokens", view.tokens.length, view.contextLength);
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
    if (!prediction) return { step: 0, figure: l10n.t("nothing before it") };
    const { surprisal, entropy, rank } = prediction;
    const figure = l10n.t("surprisal {0}, entropy {1}, rank {2}", bits(surprisal), bits(entropy), rank);
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
      element("h2", {}, `${l10n.t("Token {0}:", position + 1)} `, element("bdi", { class: "token" }, name)),
      prediction
        ? element(
            "p",
            {},
            l10n.t(
              "Its probability was {0} (rank {1}, surprisal {2}). The entropy there is {3}.",
              percent(2 ** -prediction.surprisal),
              prediction.rank,
              bits(prediction.surprisal),
              bits(prediction.entropy),
            ),
          )
        : note(l10n.t("It is the first token, so nothing was expected.")),
      ...(candidates.length > 0
        ? [candidateTable(candidates, { caption: l10n.t("What the model expected there") })]
        : []),
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
      element("legend", {}, l10n.t("Shading")),
      choice("surprisal", l10n.t("Surprisal")),
      choice("entropy", l10n.t("Entropy")),
    );
  }
}

function windowNote(windowStart: number): HTMLElement[] {
  if (windowStart === 0) return [];
  return [
    note(
      l10n.t(
        "The prompt starts {0} characters into the text; what is before that does not fit the context.",
        windowStart,
      ),
    ),
  ];
}

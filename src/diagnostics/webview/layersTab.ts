import type { ToPanel } from "../protocol";
import type { CandidateRow, LayersView, EmptyView } from "../views";
import { element, replaceContent, table, wide } from "./dom";
import { percent, visibleText } from "./format";
import { cursorLine, emptyState, placeLine } from "./cursorLine";
import { legend } from "./legend";
import { shadeOf, type Scale } from "./scale";
import { TokenList } from "./tokenList";
import { tokenText } from "./tokenText";
import { l10n } from "./l10n";

const scale: Scale = { steps: [0.01, 0.03, 0.1, 0.3, 0.6], write: (share) => `${share * 100} %` };

const lensTitle = l10n.t("The next token if the model ended with this block");

/** The logit lens of each block, and the attention of one head. */
export class LayersTab {
  readonly element: HTMLElement;
  readonly #place = placeLine();
  readonly #lens = wide(lensTitle);
  readonly #list: TokenList;
  readonly #layer = element("select");
  readonly #head = element("select");
  readonly #live: HTMLElement;

  constructor(post: (message: ToPanel) => void) {
    this.#list = new TokenList(l10n.t("Attention to the tokens of the prompt"), (position) =>
      post({ kind: "choose", position }),
    );
    const attend = () => post({ kind: "attend", layer: Number(this.#layer.value), head: Number(this.#head.value) });
    this.#layer.addEventListener("change", attend);
    this.#head.addEventListener("change", attend);
    this.#live = element(
      "div",
      { hidden: true },
      this.#lens,
      element("h2", {}, l10n.t("Attention")),
      element(
        "div",
        { class: "choices" },
        element("label", {}, l10n.t("Layer"), " ", this.#layer),
        element("label", {}, l10n.t("Head"), " ", this.#head),
      ),
      element(
        "p",
        { class: "quiet" },
        l10n.t("How much the selected token attends to each token. Select another token to see its attention."),
      ),
      legend(scale),
      this.#list.element,
    );
    this.element = element("div", {}, this.#place, this.#live);
  }

  show(view: LayersView | EmptyView): void {
    this.#live.hidden = view.kind !== "layers";
    if (view.kind !== "layers") {
      replaceContent(this.#place, emptyState(view));
      return;
    }
    const token = view.tokens[view.position];
    replaceContent(
      this.#place,
      cursorLine(view.cursor, [], view.ms),
      element(
        "p",
        {},
        `${l10n.t("After token {0} of {1}:", view.position + 1, view.tokens.length)} `,
        tokenText(token?.text ?? ""),
      ),
    );
    replaceContent(this.#lens, lensTable(view.blocks));
    this.#showAttention(view);
  }

  #showAttention({ tokens, position, attention }: LayersView): void {
    const { layer, head, layers, heads, weights } = attention;
    fill(this.#layer, layers, layer);
    fill(this.#head, heads, head);
    this.#list.show(tokens, position, (i) => {
      const weight = weights[i];
      const figure =
        weight === undefined ? l10n.t("after the selected token") : l10n.t("attention {0}", percent(weight));
      return { step: shadeOf(weight, scale), figure };
    });
  }
}

/** Fills a list with the numbers from 0, as model files count. */
function fill(select: HTMLSelectElement, count: number, chosen: number): void {
  if (select.options.length !== count) {
    select.replaceChildren(...Array.from({ length: count }, (_, i) => element("option", { value: i }, String(i))));
  }
  select.value = String(chosen);
}

function lensTable(blocks: LayersView["blocks"]): HTMLElement {
  const width = Math.max(0, ...blocks.map(({ candidates }) => candidates.length));
  const winner = blocks.at(-1)?.candidates[0]?.token;
  const columns = [
    { title: l10n.t("Block"), numeric: true },
    ...Array.from({ length: width }, (_, i) => ({ title: String(i + 1) })),
  ];
  const rows = blocks.map(({ layer, candidates }) => [
    String(layer),
    ...candidates.map((candidate) => lensCell(candidate, candidate.token === winner)),
  ]);
  const drawn = table(lensTitle, columns, rows);
  drawn.classList.add("lens");
  return drawn;
}

/** @param wins whether this is the likeliest token of the last block */
function lensCell({ text, token, probability }: CandidateRow, wins: boolean): HTMLElement {
  const described = l10n.t("{0}, id {1}: {2}", visibleText(text), token, percent(probability));
  const title = wins ? l10n.t("{0}, the last block's choice", described) : described;
  return element(
    "span",
    { class: wins ? "wins" : "also", title },
    tokenText(text),
    element("span", { class: "quiet" }, ` ${percent(probability)}`),
  );
}

import { action, element, replaceContent } from "../../diagnostics/webview/dom";
import { l10n } from "../../diagnostics/webview/l10n";
import type { TextAction, TextGrowthView, TextState, TextView, ToHost } from "../protocol";
import { alternativesTable } from "./alternatives";
import { TextTokens } from "./textTokens";

const states: Readonly<Record<TextState, string>> = {
  writing: l10n.t("writing…"),
  stop: l10n.t("complete"),
  length: l10n.t("at its maximum length"),
  endOfText: l10n.t("ended by the model"),
  cancelled: l10n.t("canceled"),
  time: l10n.t("ended because the time is up"),
  context: l10n.t("ended because the context is full"),
  failed: l10n.t("failed"),
  stored: l10n.t("from the history"),
};

/** One text, what it is, and what can be done with it. */
export class TextCard {
  readonly element: HTMLElement;
  readonly #post: (message: ToHost) => void;
  readonly #id: number;
  readonly #text: TextTokens;
  readonly #state = element("span", { class: "quiet" });
  readonly #alternatives = element("div");
  readonly #keep: HTMLButtonElement;
  readonly #continue: HTMLButtonElement;

  constructor(view: TextView, post: (message: ToHost) => void) {
    this.#post = post;
    this.#id = view.id;
    const title = l10n.t("Text {0}", view.id);
    this.#text = new TextTokens(title, (position) => this.#choose(position));
    const act = (label: string, act: TextAction) =>
      action(label, () => post({ kind: "text", id: view.id, action: act }));
    this.#keep = act(l10n.t("Keep"), "keep");
    this.#keep.title = l10n.t("Keep this text when the next ones are written.");
    this.#continue = act(l10n.t("Continue"), "continue");
    const buttons = [
      ...[this.#keep, act(l10n.t("Copy"), "copy"), act(l10n.t("Insert"), "insert")],
      ...[act(l10n.t("Open"), "open"), this.#continue, act(l10n.t("Remove"), "remove")],
    ];
    for (const button of buttons) button.dataset["key"] = `${view.id} ${button.textContent}`;
    this.element = element(
      "article",
      { class: "card", "aria-label": title },
      element("h3", {}, title),
      element("p", { class: "origin quiet" }, origin(view)),
      this.#text.element,
      this.#state,
      this.#alternatives,
      element("div", { class: "actions" }, ...buttons),
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#alternatives.hasChildNodes()) return;
      event.stopPropagation();
      this.#close();
    });
    this.show(view);
  }

  /** Shows a text that grew, or changed otherwise. */
  show(view: TextView): void {
    this.#keep.setAttribute("aria-pressed", String(view.kept));
    this.grow(view);
  }

  grow({ plain, shown, state, tokens, from }: TextGrowthView): void {
    this.#text.grow({ plain, shown }, tokens.slice(Math.max(0, this.#text.tokens.length - from)));
    const { length } = this.#text.tokens;
    this.#state.textContent = length > 0 ? l10n.t("{0} tokens, {1}", length, states[state]) : states[state];
    this.#continue.disabled = state === "writing";
  }

  #choose(position: number): void {
    const token = this.#text.tokens[position];
    if (!token || token.alternatives.length === 0) return;
    const close = () => this.#close(position);
    const onBranch = (alternative: number) => {
      close();
      this.#post({ kind: "branch", id: this.#id, position, alternative });
    };
    replaceContent(this.#alternatives, alternativesTable(token, { onBranch, onClose: close }));
    this.#alternatives.querySelector<HTMLElement>("button.pick")?.focus();
    this.#alternatives.dataset["position"] = String(position);
  }

  /** Closes the alternatives, and goes back to their token. */
  #close(position = Number(this.#alternatives.dataset["position"])): void {
    replaceContent(this.#alternatives);
    this.#text.select(-1);
    this.#text.focus(position);
  }
}

function origin({ seed, parent, branchedAt }: TextView): string {
  const seeded = seed === undefined ? "" : l10n.t("Seed {0}.", seed);
  const branched = parent === undefined ? "" : l10n.t("Branched from text {0} at token {1}.", parent, branchedAt + 1);
  return [seeded, branched].filter((part) => part !== "").join(" ");
}

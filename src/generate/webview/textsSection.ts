import { element } from "../../diagnostics/webview/dom";
import { milliseconds, tokensPerSecond } from "../../diagnostics/webview/format";
import { l10n } from "../../diagnostics/webview/l10n";
import type { RunView, TextGrowthView, TextView, ToHost } from "../protocol";
import { TextCard } from "./textCard";

/** The texts side by side, and how far they are. */
export class TextsSection {
  readonly element: HTMLElement;
  readonly #post: (message: ToHost) => void;
  readonly #grid = element("div", { class: "cards" });
  readonly #progress = element("progress", { "aria-label": l10n.t("Progress"), hidden: true });
  readonly #summary = element("p", { class: "quiet", role: "status" });
  readonly #cards = new Map<number, TextCard>();

  constructor(post: (message: ToHost) => void) {
    this.#post = post;
    this.element = element(
      "section",
      { "aria-label": l10n.t("Generated texts") },
      element("div", { class: "progress" }, this.#summary, this.#progress),
      this.#grid,
    );
  }

  /** Shows these texts and no others. */
  show(texts: readonly TextView[]): void {
    const ids = new Set(texts.map(({ id }) => id));
    for (const [id, card] of this.#cards) {
      if (ids.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
    texts.forEach((text, i) => {
      const known = this.#cards.get(text.id);
      const card = known ?? new TextCard(text, this.#post);
      known?.show(text);
      this.#cards.set(text.id, card);
      const there = this.#grid.children[i];
      if (there !== card.element) this.#grid.insertBefore(card.element, there ?? null);
    });
  }

  grow(growth: readonly TextGrowthView[]): void {
    for (const text of growth) this.#cards.get(text.id)?.grow(text);
  }

  showRun({ running, loading, tokens, of, decodeMs }: RunView): void {
    this.#progress.hidden = !running;
    if (loading || of === 0) this.#progress.removeAttribute("value");
    else this.#progress.value = tokens / of;
    const speed = l10n.t("{0} tokens/s", tokensPerSecond(tokens, decodeMs));
    this.#summary.textContent = loading
      ? l10n.t("Loading the model…")
      : running
        ? l10n.t("{0} of at most {1} tokens, {2}", tokens, of, speed)
        : tokens > 0
          ? l10n.t("{0} tokens in {1}, {2}", tokens, milliseconds(decodeMs), speed)
          : "";
  }
}

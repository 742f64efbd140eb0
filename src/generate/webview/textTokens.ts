import { element } from "../../diagnostics/webview/dom";
import { percent, visibleText } from "../../diagnostics/webview/format";
import { l10n } from "../../diagnostics/webview/l10n";
import { rove } from "../../diagnostics/webview/roving";
import { shadeOf } from "../../diagnostics/webview/scale";
import type { TextView, TokenView } from "../protocol";

/** Steps of shading, in bits. */
const surprisal = { steps: [1, 3, 6, 9, 12], write: String };

/** A generated text as it reads, in its tokens: a list to choose one from. */
export class TextTokens {
  readonly element: HTMLElement;
  readonly #plain = element("span");
  readonly #settle: () => void;
  readonly #tokens: TokenView[] = [];
  readonly #options: HTMLElement[] = [];
  /** The tokens that are shown in full, and where the text after them begins. */
  #complete = { tokens: 0, start: 0 };

  /** @param onChoose called with the index of a token that the person chose */
  constructor(label: string, onChoose: (position: number) => void) {
    this.element = element("div", { class: "tokens text", role: "listbox", "aria-label": label }, this.#plain);
    this.#settle = rove(this.element, '[role="option"]:not([hidden])');
    const choose = (target: EventTarget | null) => {
      const position = this.#options.findIndex((option) => option === target);
      if (position < 0) return;
      this.select(position);
      onChoose(position);
    };
    this.element.addEventListener("click", ({ target }) => choose(target));
    this.element.addEventListener("keydown", (event) => {
      if ((event.key !== "Enter" && event.key !== " ") || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      choose(event.target);
    });
  }

  get tokens(): readonly TokenView[] {
    return this.#tokens;
  }

  /** Appends tokens, and shows so much of the text. */
  grow({ plain, shown }: Pick<TextView, "plain" | "shown">, added: readonly TokenView[]): void {
    const follows = this.element.scrollTop + this.element.clientHeight >= this.element.scrollHeight - 4;
    this.#plain.textContent = plain.slice(0, shown);
    for (const token of added) {
      this.#tokens.push(token);
      const option = describe(token);
      this.#options.push(option);
      this.element.append(option);
    }
    let { tokens, start } = this.#complete;
    for (let i = tokens; i < this.#tokens.length; i++) {
      const text = this.#tokens[i]?.text ?? "";
      const left = Math.max(0, shown - plain.length - start);
      const option = this.#options[i];
      if (option) {
        option.textContent = text.slice(0, left);
        option.hidden = option.textContent === "";
      }
      if (tokens === i && text.length <= left) tokens++;
      start += text.length;
      if (tokens === i + 1) this.#complete = { tokens, start };
    }
    if (follows) this.element.scrollTop = this.element.scrollHeight;
    this.#settle();
  }

  /** Marks the chosen token; -1 for none. */
  select(position: number): void {
    this.#options.forEach((option, i) => option.setAttribute("aria-selected", String(i === position)));
  }

  /** Brings the focus back to a token. */
  focus(position: number): void {
    this.#options[position]?.focus();
  }
}

function describe({ text, probability }: TokenView): HTMLElement {
  const shade = shadeOf(-Math.log2(probability), surprisal);
  const name = l10n.t("{0}, probability {1}", visibleText(text), percent(probability));
  return element("span", {
    role: "option",
    "aria-selected": "false",
    class: `shade-${shade}`,
    title: name,
    "aria-label": name,
  });
}

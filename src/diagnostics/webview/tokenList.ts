import type { PromptToken, Segment } from "../views";
import { element, replaceContent } from "./dom";
import { visibleText } from "./format";
import { rove } from "./roving";
import { segmentRuns, type Run } from "./segments";
import { l10n } from "./l10n";

/** How a token is drawn: a step of shading from 0 on (see scale.ts), and its value in words. */
export interface Shade {
  readonly step: number;
  readonly figure: string;
}

const segmentTitles: Readonly<Record<Segment, string>> = {
  special: l10n.t("special"),
  suffix: l10n.t("suffix"),
  header: l10n.t("header"),
  prefix: l10n.t("text"),
  rolledBack: l10n.t("rolled back"),
};

/** The tokens of a prompt as running text, shaded, in their segments; a list to select one from. */
export class TokenList {
  readonly element: HTMLElement;
  readonly #settle: () => void;
  #tokens: readonly PromptToken[] = [];
  #position = -1;

  /** @param onChoose called with the index of a token that the person chose */
  constructor(label: string, onChoose: (position: number) => void) {
    this.element = element("div", { class: "tokens", role: "listbox", "aria-label": label });
    this.#settle = rove(this.element, '[role="option"]');
    const choose = (target: EventTarget | null) => {
      const option = target instanceof Element ? target.closest<HTMLElement>('[role="option"]') : null;
      if (!option) return;
      const position = Number(option.dataset["key"]);
      this.select(position);
      onChoose(position);
    };
    this.element.addEventListener("click", ({ target }) => choose(target));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(event.target);
    });
  }

  /** Draws the tokens. @param position the chosen one */
  show(tokens: readonly PromptToken[], position: number, shade: (index: number) => Shade): void {
    const same = sameTokens(this.#tokens, tokens);
    if (same) this.#reshade(shade);
    else replaceContent(this.element, ...segmentRuns(tokens).map((run) => drawRun(run, tokens, shade)));
    this.#tokens = tokens;
    this.select(position);
    if (!same) this.#scrollToChosen();
    this.#settle();
  }

  /** The index of the chosen token; -1 before there is one. */
  get chosen(): number {
    return this.#position;
  }

  /** Marks the chosen token. */
  select(position: number): void {
    this.#position = position;
    for (const option of this.#options()) {
      option.setAttribute("aria-selected", String(Number(option.dataset["key"]) === this.#position));
    }
  }

  /** Brings the chosen token into the middle of the list, without moving the page around it. */
  #scrollToChosen(): void {
    const chosen = this.#options()[this.#position];
    if (chosen) this.element.scrollTop = chosen.offsetTop - this.element.clientHeight / 2;
  }

  #reshade(shade: (index: number) => Shade): void {
    this.#options().forEach((option, i) => describe(option, option.dataset["name"] ?? "", shade(i)));
  }

  #options(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>('[role="option"]')];
  }
}

function drawRun(
  { segment, from, to }: Run,
  tokens: readonly PromptToken[],
  shade: (index: number) => Shade,
): HTMLElement {
  const title = segmentTitles[segment];
  const options = tokens.slice(from, to).map(({ text, token }, i) => {
    const option = element("span", {
      role: "option",
      "data-key": from + i,
      "data-name": l10n.t("{0}, id {1}", visibleText(text), token),
    });
    option.append(...lines(text));
    describe(option, option.dataset["name"] ?? "", shade(from + i));
    return option;
  });
  const label = element("span", { class: "segment", "aria-hidden": "true" }, title);
  return element("div", { role: "group", "aria-label": title, class: `run ${segment}` }, label, ...options);
}

/** Says in a tooltip and to a screen reader what the shading shows. */
function describe(option: HTMLElement, name: string, { step, figure }: Shade): void {
  option.className = `shade-${step}`;
  option.title = `${name}: ${figure}`;
  option.setAttribute("aria-label", option.title);
}

/** A token's text, with line breaks where it has them, so that the prompt reads as it is written. */
function lines(text: string): (Node | string)[] {
  return text
    .split(/(?<=\n)/u)
    .flatMap((line) => (line.endsWith("\n") ? [visibleText(line), element("br")] : [visibleText(line)]));
}

function sameTokens(a: readonly PromptToken[], b: readonly PromptToken[]): boolean {
  return a.length === b.length && a.every(({ token, segment }, i) => token === b[i]?.token && segment === b[i].segment);
}

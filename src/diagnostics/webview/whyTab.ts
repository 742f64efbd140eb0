import type { ToPanel } from "../protocol";
import type { WhyLine, WhyView } from "../views";
import { element, note, replaceContent, table, wide } from "./dom";
import { logit, percent } from "./format";
import { tokenText } from "./tokenText";
import { l10n } from "./l10n";

/** The lines that the last suggestion was chosen from. */
export class WhyTab {
  readonly element = element("div");
  readonly #post: (message: ToPanel) => void;

  constructor(post: (message: ToPanel) => void) {
    this.#post = post;
    this.show({ kind: "undecided" });
  }

  show(view: WhyView): void {
    if (view.kind === "undecided") {
      replaceContent(this.element, note(l10n.t("No suggestion has been chosen yet. Type in an editor.")));
      return;
    }
    if (view.kind === "unranked") {
      const lacks = l10n.t(
        "Lines are not ranked: the server gives no log-probabilities of lines. The model’s own text is suggested, and lines of the workspace are not.",
      );
      replaceContent(this.element, note(lacks));
      return;
    }
    const place = element("p", {}, l10n.t("After"), " ", tokenText(view.linePrefix));
    const lines = view.lines.length > 0 ? [this.#table(view.lines)] : [];
    replaceContent(this.element, place, note(outcome(view)), ...lines);
  }

  #table(lines: readonly WhyLine[]): HTMLElement {
    const columns = [
      { title: l10n.t("Line") },
      { title: l10n.t("Source") },
      { title: l10n.t("Log-probability"), numeric: true },
      { title: l10n.t("Probability"), numeric: true },
    ];
    const rows = lines.map((line, index) => [
      tokenText(line.text),
      this.#sources(line, index),
      logit(line.logProbability),
      percent(line.probability),
    ]);
    const caption = l10n.t("The lines that were considered");
    return wide(caption, table(caption, columns, rows));
  }

  /** The model, whether names were replaced, and each place of the workspace as a button that opens it. */
  #sources({ fromModel, isRenamed, places }: WhyLine, index: number): HTMLElement {
    const buttons = places.map(({ uri, file, line }, i) => {
      const label = `${file}:${line}`;
      const attributes = { type: "button", class: "source", title: l10n.t("Open {0}", label) };
      const button = element("button", { ...attributes, "data-key": `source ${index} ${i}` }, label);
      button.addEventListener("click", () => this.#post({ kind: "open", uri, line }));
      return button;
    });
    const origins = [...(fromModel ? [l10n.t("model")] : []), ...(isRenamed ? [l10n.t("renamed")] : [])];
    return element("span", { class: "sources" }, ...origins, ...buttons);
  }
}

/** Whether a line was shown, and if not, what kept it back. */
function outcome({ shown, part, threshold, lines: [best] }: Extract<WhyView, { kind: "why" }>): string {
  if (!best) return l10n.t("Nothing was suggested: neither the model nor the workspace has a line for this place.");
  if (shown && threshold === 0) return l10n.t("You asked for a suggestion: the likeliest line was chosen.");
  if (part) {
    return l10n.t(
      "Only the beginning of the first line was suggested: “{0}” with a probability of {1}. A line needs at least {2}.",
      part.text.trim(),
      percent(part.probability),
      percent(threshold),
    );
  }
  if (shown) {
    return l10n.t("The first line was chosen. A line needs a probability of at least {0}.", percent(threshold));
  }
  return l10n.t(
    "Nothing was suggested: the likeliest line has a probability of {0}, and {1} was needed (gpt2.inlineCompletions.eagerness).",
    percent(best.probability),
    percent(threshold),
  );
}

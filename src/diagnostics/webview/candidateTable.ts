import type { CandidateRow, PickAction } from "../views";
import { bar, element, percentage, table } from "./dom";
import { insertion, logit, percent, visibleText } from "./format";
import { tokenText } from "./tokenText";
import { l10n } from "./l10n";

/** Puts text at the cursor. */
export type OnPick = (text: string, use: PickAction) => void;

export interface CandidateTableOptions {
  readonly caption: string;
  /** Whether to show with what chance each token is drawn. */
  readonly sampled?: boolean;
  /** The end of the document that the tokens were chosen for anew. */
  readonly rolledBack?: string;
  /** Left out, the tokens cannot be picked. */
  readonly onPick?: OnPick;
}

/** Tokens with rank, text, id, logit, probability and a bar, and what sampling makes of them. */
export function candidateTable(rows: readonly CandidateRow[], options: CandidateTableOptions): HTMLTableElement {
  const { caption, sampled = false, rolledBack, onPick } = options;
  const columns = [
    { title: l10n.t("Rank"), numeric: true },
    { title: l10n.t("Token") },
    { title: l10n.t("Id"), numeric: true },
    { title: l10n.t("Logit"), numeric: true },
    { title: l10n.t("Probability"), numeric: true },
    ...(sampled ? [{ title: l10n.t("Sampled"), numeric: true }] : []),
    { title: "" },
  ];
  const cells = rows.map((row) => [
    String(row.rank),
    onPick ? picks(row, insertion(row.text, rolledBack), onPick) : tokenText(row.text),
    String(row.token),
    logit(row.logit),
    percent(row.probability),
    ...(sampled ? [row.chance > 0 ? percent(row.chance) : l10n.t("cut")] : []),
    sampled ? bars(row) : bar(row.probability),
  ]);
  const drawn = table(caption, columns, cells);
  drawn.classList.add("candidates");
  drawn.classList.toggle("sampled", sampled);
  [...drawn.querySelectorAll("tbody tr")].forEach((row, i) => {
    row.classList.toggle("cut", sampled && rows[i]?.chance === 0);
  });
  // The bars repeat the columns before them: nothing to announce.
  drawn.querySelectorAll("tr > :last-child").forEach((cell) => cell.setAttribute("aria-hidden", "true"));
  return drawn;
}

/** The token as a button that inserts what it adds, and another one that goes on from there. */
function picks(row: CandidateRow, added: string, onPick: OnPick): HTMLElement {
  if (added === "") return tokenText(row.text);
  const name = visibleText(added);
  const button = (use: PickAction, label: string, content: Node | string) => {
    const attributes = { type: "button", class: `pick ${use}`, title: label, "aria-label": label };
    const made = element("button", { ...attributes, "data-key": `${use} ${row.rank}` }, content);
    made.addEventListener("click", () => onPick(added, use));
    return made;
  };
  return element(
    "span",
    { class: "picks" },
    button("insert", l10n.t("Insert {0} at the cursor", name), tokenText(row.text)),
    button("continue", l10n.t("Insert {0} and continue from there", name), "↪"),
  );
}

/** The chance as a bar, and a mark where the probability was before sampling. */
function bars({ chance, probability }: CandidateRow): HTMLElement {
  const mark = element("div", { class: "mark", hidden: probability < 0.005 });
  mark.style.insetInlineStart = percentage(probability);
  return element("div", { class: "bars" }, bar(chance), mark);
}

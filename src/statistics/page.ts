import type { Localization } from "../status/localization";
import { sum, type Counts, type StatisticsData } from "./counts";

/**
 * The statistics as a Markdown page: a table with a row for each language, and what its columns mean.
 * @param nameOf the name of a language by its identifier
 */
export function statisticsPage(
  { since, languages }: StatisticsData,
  nameOf: (languageId: string) => string,
  l10n: Localization,
): string {
  const date = new Date(since).toLocaleDateString(undefined, { dateStyle: "long" });
  const rows = Object.entries(languages)
    .toSorted(([, a], [, b]) => b.characters - a.characters || b.shown - a.shown)
    .map(([languageId, counts]) => row(escapeMarkdown(nameOf(languageId)), counts, l10n));
  const total = row(`**${l10n.t("All languages")}**`, sum(Object.values(languages)), l10n);
  return [
    `# ${l10n.t("GPT-2 Statistics")}`,
    l10n.t(
      "Since {0}. Counted on this machine and stored only here: nothing is sent anywhere, and no text is kept.",
      date,
    ),
    rows.length === 0 ? l10n.t("Nothing was suggested yet.") : table([total, ...rows], l10n),
    `## ${l10n.t("What is counted")}`,
    explanations(l10n)
      .map(([term, meaning]) => `- **${term}**: ${meaning}`)
      .join("\n"),
    l10n.t("The command **GPT-2: Reset Statistics** sets everything back to zero."),
    "",
  ].join("\n\n");
}

function table(rows: readonly (readonly string[])[], l10n: Localization): string {
  const columns = [l10n.t("Language"), ...explanations(l10n).map(([term]) => term)];
  const alignment = columns.map((_, index) => (index === 0 ? ":--" : "--:"));
  return [columns, alignment, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function row(
  name: string,
  { shown, whole, line, word, checked, kept, characters }: Counts,
  l10n: Localization,
): string[] {
  const accepted = shown > 0 ? l10n.t("{0} ({1} %)", whole, Math.round((100 * whole) / shown)) : String(whole);
  const keptOf = checked > 0 ? l10n.t("{0} of {1}", kept, checked) : "–";
  return [name, String(shown), accepted, String(line), String(word), keptOf, String(characters)];
}

/** The columns after the language, with what they mean. */
function explanations(l10n: Localization): readonly (readonly [term: string, meaning: string])[] {
  return [
    [l10n.t("Shown"), l10n.t("suggestions that the editor got to show. One that is typed along counts once.")],
    [l10n.t("Accepted"), l10n.t("suggestions that were accepted as a whole, or to their end.")],
    [l10n.t("By line"), l10n.t("lines of suggestions that were accepted on their own.")],
    [l10n.t("By word"), l10n.t("words of suggestions that were accepted on their own.")],
    [l10n.t("Kept after 30 s"), l10n.t("accepted texts that were still there, apart from their white space.")],
    [l10n.t("Characters saved"), l10n.t("characters of accepted texts, which did not have to be typed.")],
  ];
}

function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!|<>]/g, String.raw`\$&`);
}

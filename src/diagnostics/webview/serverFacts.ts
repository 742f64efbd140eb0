import type { ServerFacts } from "../engineViews";
import { l10n } from "./l10n";

/** What is known of the server, by name. */
export function serverFacts(server: ServerFacts): (readonly [name: string, value: string])[] {
  const host = [l10n.t("Host"), server.host] as const;
  if (server.problem !== undefined) return [host, [l10n.t("Not used"), server.problem]];
  if (server.model === undefined) return [host];
  return [
    host,
    [l10n.t("Model"), server.model],
    [l10n.t("Fill in the middle"), server.fillInTheMiddle ? l10n.t("yes") : l10n.t("no")],
    [
      l10n.t("Log-probabilities of lines"),
      server.lineScores ? l10n.t("yes") : l10n.t("no, so lines of the workspace are not ranked"),
    ],
  ];
}

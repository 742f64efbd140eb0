import type { ServerPresence } from "../backend/backend";
import type { Localization } from "./localization";

/** What the status bar item shows after its name: the host, while code goes there. */
export function serverSuffix(server: ServerPresence | undefined): string {
  return server?.isUsed ? `: ${server.host}` : "";
}

/** Where completions come from, when a server is set up. */
export function serverLines(server: ServerPresence | undefined, l10n: Localization): string[] {
  if (!server) return [];
  if (server.isUsed) return [l10n.t("Code goes to the server {0}.", server.host)];
  if (server.problem === undefined)
    return [l10n.t("The server {0} is loading. The local model completes.", server.host)];
  return [l10n.t("{0} The local model completes.", server.problem)];
}

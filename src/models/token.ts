import * as vscode from "vscode";
import type { ModelHub } from "./hub";

/**
 * The command GPT-2: Set Hugging Face Token: asks for an access token and puts it into the editor's secret storage. An empty one is forgotten.
 * @returns whether a token was set
 */
export async function askForToken(hub: ModelHub): Promise<boolean> {
  const { l10n } = vscode;
  if (!hub.usesToken) {
    void vscode.window.showInformationMessage(
      l10n.t(
        "In a browser, only models that are open to everybody can be downloaded: a token could reach other hosts.",
      ),
    );
    return false;
  }
  const { host } = hub.endpoint;
  const token = await vscode.window.showInputBox({
    title: l10n.t("GPT-2: Set Hugging Face Token"),
    prompt: l10n.t(
      "An access token of {0} that may read models. It is sent to no other host. Leave empty to forget it.",
      host,
    ),
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) => (/^[\x21-\x7e]*$/.test(value.trim()) ? undefined : l10n.t("A token has no spaces.")),
  });
  if (token === undefined) return false;
  await hub.setToken(token.trim());
  return token.trim() !== "";
}

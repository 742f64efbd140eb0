import * as vscode from "vscode";
import { settingsSection } from "../completion/core/settings";
import { languageEnabled } from "../completion/core/trigger";

/** The switches for inline completions in the settings. */
export const inlineSwitch = {
  get enabled(): boolean {
    return vscode.workspace.getConfiguration(settingsSection).get("enabled", true);
  },

  enabledFor(languageId: string): boolean {
    return languageEnabled(vscode.workspace.getConfiguration(settingsSection).get("languages", {}), languageId);
  },

  /** Turns inline completions on or off everywhere. @returns whether they are on now. */
  async toggle(): Promise<boolean> {
    const enabled = !inlineSwitch.enabled;
    await update("enabled", enabled);
    return enabled;
  },

  /** Turns inline completions on or off for one language. */
  async toggleLanguage(languageId: string): Promise<void> {
    const settings = vscode.workspace.getConfiguration(settingsSection);
    // The effective value includes the defaults; only what the person chose is written.
    const values = settings.inspect<Record<string, boolean>>("languages");
    const own = values?.workspaceValue ?? values?.globalValue ?? {};
    await update("languages", { ...own, [languageId]: !inlineSwitch.enabledFor(languageId) });
  },
};

/** Writes to where the effective value comes from: the workspace if it has a value of its own, or else the user's settings. */
async function update(key: string, value: unknown): Promise<void> {
  const settings = vscode.workspace.getConfiguration(settingsSection);
  const inWorkspace = settings.inspect(key)?.workspaceValue !== undefined;
  const { Global, Workspace } = vscode.ConfigurationTarget;
  await settings.update(key, value, inWorkspace ? Workspace : Global);
}

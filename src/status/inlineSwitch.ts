import * as vscode from "vscode";
import { settingsSection } from "../completion/core/settings";
import { languageEnabled } from "../completion/core/trigger";

/** Whether inline completions are on; `offForLanguage`: on, but not in this language. */
export type InlineState = "on" | "off" | "offForLanguage";

/** The switches for inline completions in the settings. */
export const inlineSwitch = {
  get enabled(): boolean {
    return vscode.workspace.getConfiguration(settingsSection).get("enabled", true);
  },

  /** @param languageId undefined without an editor */
  stateFor(languageId: string | undefined): InlineState {
    if (languageId === undefined) return inlineSwitch.enabled ? "on" : "off";
    const settings = vscode.workspace.getConfiguration(settingsSection, { languageId });
    if (!settings.get<boolean>("enabled", true)) return inlineSwitch.enabled ? "offForLanguage" : "off";
    return languageEnabled(settings.get("languages", {}), languageId) ? "on" : "offForLanguage";
  },

  /** Turns inline completions on or off everywhere. @returns whether they are on now. */
  async toggle(): Promise<boolean> {
    const enabled = !inlineSwitch.enabled;
    await update("enabled", enabled);
    return enabled;
  },

  /** Turns inline completions on or off for one language. */
  async toggleLanguage(languageId: string): Promise<void> {
    const turnOn = inlineSwitch.stateFor(languageId) !== "on";
    if (turnOn) await removeOverride(languageId);
    const settings = vscode.workspace.getConfiguration(settingsSection);
    if (turnOn && inlineSwitch.stateFor(languageId) === "on") return;
    // The effective value includes the defaults; only what the person chose is written.
    const values = settings.inspect<Record<string, boolean>>("languages");
    const own = values?.workspaceValue ?? values?.globalValue ?? {};
    await update("languages", { ...own, [languageId]: turnOn });
  },
};

/** Writes to where the effective value comes from: the workspace if it has a value of its own, or else the user's settings. */
async function update(key: string, value: unknown): Promise<void> {
  const settings = vscode.workspace.getConfiguration(settingsSection);
  const inWorkspace = settings.inspect(key)?.workspaceValue !== undefined;
  const { Global, Workspace } = vscode.ConfigurationTarget;
  await settings.update(key, value, inWorkspace ? Workspace : Global);
}

/** Removes a language's own value of `enabled` where that is off. */
async function removeOverride(languageId: string): Promise<void> {
  const settings = vscode.workspace.getConfiguration(settingsSection, { languageId });
  const values = settings.inspect<boolean>("enabled");
  const { Global, Workspace } = vscode.ConfigurationTarget;
  if (values?.workspaceLanguageValue === false) await settings.update("enabled", undefined, Workspace, true);
  if (values?.globalLanguageValue === false) await settings.update("enabled", undefined, Global, true);
}

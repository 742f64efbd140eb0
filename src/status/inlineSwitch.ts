import * as vscode from "vscode";
import { languageEnabled } from "../completion/core/trigger";

const section = "gpt2.inlineCompletions";

/** What the settings say about inline completions, and the ways to change it. */
export const inlineSwitch = {
  get enabled(): boolean {
    return vscode.workspace.getConfiguration(section).get("enabled", true);
  },

  enabledFor(languageId: string): boolean {
    return languageEnabled(vscode.workspace.getConfiguration(section).get("languages", {}), languageId);
  },

  /** Turns inline completions on or off everywhere. @returns whether they are on now. */
  async toggle(): Promise<boolean> {
    const enabled = !inlineSwitch.enabled;
    await update("enabled", enabled);
    return enabled;
  },

  /** Turns inline completions on or off for one language. */
  async toggleLanguage(languageId: string): Promise<void> {
    const settings = vscode.workspace.getConfiguration(section);
    // The effective value has the defaults merged in; only what the person chose is written.
    const values = settings.inspect<Record<string, boolean>>("languages");
    const own = values?.workspaceValue ?? values?.globalValue ?? {};
    await update("languages", { ...own, [languageId]: !inlineSwitch.enabledFor(languageId) });
  },
};

/** Writes where the value in force comes from: the workspace if it has one of its own, or else the person's settings. */
async function update(key: string, value: unknown): Promise<void> {
  const settings = vscode.workspace.getConfiguration(section);
  const inWorkspace = settings.inspect(key)?.workspaceValue !== undefined;
  const { Global, Workspace } = vscode.ConfigurationTarget;
  await settings.update(key, value, inWorkspace ? Workspace : Global);
}

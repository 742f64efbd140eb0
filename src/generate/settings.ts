import * as vscode from "vscode";
import type { SamplingOptions } from "../generation/sampling/options";
import type { StopOptions } from "../generation/request";
import { defaultForm, type GenerateForm } from "./form";
import { randomSeed } from "./formRequest";
import { type Preset, presetsWith, presetSetting } from "./presets";
import { integerSetting, numberSetting, wordSetting } from "../completion/core/settingValues";

const section = "gpt2.generate";

/** Where **Generate with GPT-2** writes. */
export type Target = "newEditor" | "afterSelection";

/** The settings `gpt2.generate.*` as they are. */
export interface GenerateSettings {
  readonly maxTokens: number;
  readonly sampling: Pick<SamplingOptions, "temperature" | "topK" | "topP">;
  readonly contextEnd: GenerateForm["contextEnd"];
  /** 0: no limit. */
  readonly maxSeconds: number;
  readonly target: Target;
}

export function generateSettings(): GenerateSettings {
  const settings = vscode.workspace.getConfiguration(section);
  return {
    maxTokens: integerSetting(settings.get("maxTokens"), { min: 1, max: 4096 }, 200),
    sampling: {
      temperature: numberSetting(settings.get("temperature"), { min: 0, max: 2 }, 0.8),
      topK: integerSetting(settings.get("topK"), { min: 0, max: 1000 }, 40),
      topP: numberSetting(settings.get("topP"), { min: 0, max: 1 }, 0.95),
    },
    contextEnd: wordSetting(settings.get("contextEnd"), ["move", "rotate", "stop"], "move"),
    maxSeconds: numberSetting(settings.get("maxSeconds"), { min: 0, max: 86_400 }, 0),
    target: wordSetting(settings.get("target"), ["newEditor", "afterSelection"], "newEditor"),
  };
}

/** The form as the settings have it. */
export function formFromSettings(): GenerateForm {
  const { maxTokens, sampling, contextEnd, maxSeconds } = generateSettings();
  return { ...defaultForm, maxTokens, contextEnd, maxSeconds, sampling: { ...defaultForm.sampling, ...sampling } };
}

/** What a direct command asks for besides its prompt. */
export function directOptions({ maxTokens, sampling, contextEnd, maxSeconds }: GenerateSettings): {
  readonly maxTokens: number;
  readonly sampling: SamplingOptions;
  readonly stops: StopOptions;
} {
  return {
    maxTokens,
    sampling: { ...sampling, seed: randomSeed() },
    stops: { contextEnd, ...(maxSeconds > 0 && { maxMs: 1000 * maxSeconds }) },
  };
}

export function isHistoryOn(): boolean {
  return vscode.workspace.getConfiguration(section).get("history") !== false;
}

/** The presets of the form: what the settings have, the built-in ones, and the person's own. */
export function presets(): Preset[] {
  const own: unknown = vscode.workspace.getConfiguration(section).get("presets");
  return [{ name: "settings", sampling: formFromSettings().sampling, own: false }, ...presetsWith(own)];
}

/** Asks for a name and keeps sampler settings under it. */
export async function savePreset(form: GenerateForm): Promise<void> {
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t("Save Sampler Settings"),
    prompt: vscode.l10n.t("The name of the preset. It is kept in the setting gpt2.generate.presets."),
  });
  if (name === undefined || name.trim() === "") return;
  const settings = vscode.workspace.getConfiguration(section);
  const own = settings.get<Record<string, unknown>>("presets", {});
  const changed = { ...own, [name.trim()]: presetSetting(form.sampling) };
  await settings.update("presets", changed, vscode.ConfigurationTarget.Global);
}

/** Calls `listener` when one of the settings changes. */
export function onDidChangeGenerateSettings(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(section)) listener();
  });
}

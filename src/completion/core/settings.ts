import type { ExclusionSettings } from "./exclusions";
import { enabledByDefault } from "./languages";
import { type Eagerness, eagernesses } from "./ranking/eagerness";
import { integerSetting, numberSetting, switchesSetting, switchSetting, wordSetting } from "./settingValues";

/** The section of the settings for inline completions. */
export const settingsSection = "gpt2.inlineCompletions";

/** The settings in {@link settingsSection}. */
export interface CompletionSettings extends ExclusionSettings {
  readonly enabled: boolean;
  /** By language identifier; `*` is every other language. */
  readonly languages: Readonly<Record<string, boolean>>;
  /** Milliseconds from a keystroke to the request. `adaptive`: see `adaptiveDelay`. */
  readonly delay: number | "adaptive";
  readonly multiline: "auto" | "never";
  readonly maxTokens: number;
  readonly temperature: number;
  /** How sure a suggestion must be to be shown. */
  readonly eagerness: Eagerness;
  /** Whether the model prepares the next suggestion between two keystrokes. */
  readonly idleWork: boolean;
}

/** The part of `vscode.WorkspaceConfiguration` that is read. */
export interface Configuration {
  get<T>(key: string, fallback: T): T;
}

/** Reads the settings. The fallbacks and limits are those of package.json. */
export function readSettings(configuration: Configuration): CompletionSettings {
  const get = (key: string, fallback: unknown): unknown => configuration.get(key, fallback);
  const flag = (key: string, fallback: boolean) => switchSetting(get(key, fallback), fallback);
  const delay = get("delay", null);
  return {
    enabled: flag("enabled", true),
    languages: switchesSetting(get("languages", enabledByDefault), enabledByDefault),
    delay: typeof delay === "number" ? integerSetting(delay, { min: 0, max: 5000 }, 0) : "adaptive",
    multiline: wordSetting(get("multiline", "auto"), ["auto", "never"], "auto"),
    maxTokens: integerSetting(get("maxTokens", 64), { min: 1, max: 512 }, 64),
    temperature: numberSetting(get("temperature", 0), { min: 0, max: 2 }, 0),
    eagerness: wordSetting(get("eagerness", "balanced"), eagernesses, "balanced"),
    idleWork: flag("idleWork", true),
    inputBoxes: flag("inputBoxes", false),
    excludeSecrets: flag("excludeSecrets", true),
    excludeGitIgnore: flag("excludeGitIgnore", false),
    comments: flag("comments", true),
    strings: flag("strings", true),
    whileDeleting: flag("whileDeleting", true),
  };
}

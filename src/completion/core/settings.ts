import type { ExclusionSettings } from "./exclusions";
import { enabledByDefault } from "./languages";
import type { Eagerness } from "./ranking/eagerness";

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

/** Reads the settings. The fallbacks are those of package.json. */
export function readSettings(configuration: Configuration): CompletionSettings {
  const delay = configuration.get<unknown>("delay", null);
  return {
    enabled: configuration.get("enabled", true),
    languages: configuration.get("languages", enabledByDefault),
    delay: typeof delay === "number" ? delay : "adaptive",
    multiline: configuration.get<"auto" | "never">("multiline", "auto"),
    maxTokens: configuration.get("maxTokens", 64),
    temperature: configuration.get("temperature", 0),
    eagerness: configuration.get<Eagerness>("eagerness", "balanced"),
    idleWork: configuration.get("idleWork", true),
    inputBoxes: configuration.get("inputBoxes", false),
    excludeSecrets: configuration.get("excludeSecrets", true),
    excludeGitIgnore: configuration.get("excludeGitIgnore", false),
    comments: configuration.get("comments", true),
    strings: configuration.get("strings", true),
    whileDeleting: configuration.get("whileDeleting", true),
  };
}

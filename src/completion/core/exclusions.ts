import { isComment, isString } from "./nesting";
import { nestingBefore } from "./postprocess/insertionContext";
import type { Cursor } from "./cursor";

/** Where a person may not want suggestions, as found at a cursor. */
export interface Surroundings {
  /** Whether the document is no file but a field to write in: a commit message, a comment on a pull request, a search. */
  readonly inputBox: boolean;
  /** Whether the file looks like one that holds secrets. */
  readonly secret: boolean;
  readonly gitIgnored: boolean;
  /** Whether the last change of the document only deleted something. */
  readonly deleting: boolean;
}

/** The settings that say whether to suggest there. */
export interface ExclusionSettings {
  readonly inputBoxes: boolean;
  readonly excludeSecrets: boolean;
  readonly excludeGitIgnore: boolean;
  readonly comments: boolean;
  readonly strings: boolean;
  readonly whileDeleting: boolean;
}

/** A setting because of which nothing is suggested. */
export type Exclusion = "inputBox" | "secret" | "gitIgnored" | "deleting" | "comment" | "string";

/** The exclusions that hold even where a person asks for a suggestion. */
export const excludedAlways: ReadonlySet<Exclusion> = new Set(["inputBox", "secret", "gitIgnored"]);

/** Documents of these schemes are fields of the editor's own views. */
export const inputSchemes: ReadonlySet<string> = new Set([
  "vscode-scm",
  "comment",
  "chatSessionInput",
  "vscode-chat-input",
  "debug",
  "search-editor",
]);
/** So are those of these languages. */
export const inputLanguages: ReadonlySet<string> = new Set(["scminput", "search-result"]);

/** Whether a document is a field to write in, not a file. */
export function isInputBox(scheme: string, languageId: string): boolean {
  return inputSchemes.has(scheme) || inputLanguages.has(languageId);
}

/** The setting because of which there are no suggestions at a cursor, or undefined. */
export function exclusionAt(
  cursor: Cursor,
  { inputBox, secret, gitIgnored, deleting }: Surroundings,
  settings: ExclusionSettings,
): Exclusion | undefined {
  if (inputBox && !settings.inputBoxes) return "inputBox";
  if (secret && settings.excludeSecrets) return "secret";
  if (gitIgnored && settings.excludeGitIgnore) return "gitIgnored";
  if (deleting && !settings.whileDeleting) return "deleting";
  if (settings.comments && settings.strings) return undefined;
  const { quote } = nestingBefore(cursor);
  if (isComment(quote) && !settings.comments) return "comment";
  return isString(quote) && !settings.strings ? "string" : undefined;
}

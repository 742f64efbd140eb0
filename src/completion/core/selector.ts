import { inputLanguages, inputSchemes } from "./exclusions";

/** The settings of one workspace folder that say for which documents the editor asks. */
export interface SelectorSettings {
  readonly languages: Readonly<Record<string, boolean>>;
  readonly inputBoxes: boolean;
}

/** A part of a `vscode.DocumentSelector`. */
export interface DocumentFilter {
  readonly language?: string;
  readonly scheme?: string;
  readonly pattern?: string;
}

/**
 * The documents in which there may be suggestions by the settings of any workspace folder. In others the editor need not ask, and
 * IntelliSense does not wait for the answer.
 */
export function documentSelector(folders: readonly SelectorSettings[]): readonly DocumentFilter[] {
  const enabled = folders.flatMap(({ languages }) => Object.keys(languages).filter((id) => languages[id] === true));
  if (enabled.includes("*") || folders.some(({ languages }) => languages["*"] === undefined))
    return [{ pattern: "**" }];
  const inputs = folders.some(({ inputBoxes }) => inputBoxes)
    ? [...[...inputSchemes].map((scheme) => ({ scheme })), ...[...inputLanguages].map((language) => ({ language }))]
    : [];
  return [...[...new Set(enabled)].map((language) => ({ language })), ...inputs];
}

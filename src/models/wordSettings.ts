import * as vscode from "vscode";
import { wordSetting } from "../completion/core/settingValues";
import { type BackendChoice, backendChoices } from "../gpt2/backends/backend";
import { type Precision, precisions } from "../gpt2/languageModel";

/** The settings that choose how the model runs by a word: the words there are, the default first. */
const words = { backend: backendChoices, precision: precisions } as const;

/** The longest part of a wrong value that is shown. */
const longestShown = 40;

/** The value of `gpt2.backend`; `auto` for a word that is none. */
export function backendSetting(): BackendChoice {
  return wordSetting(value("backend"), backendChoices, backendChoices[0]);
}

/** The value of `gpt2.precision`; `int8` for a word that is none. */
export function precisionSetting(): Precision {
  return wordSetting(value("precision"), precisions, precisions[0]);
}

/** What is wrong with these settings, a sentence for a person each. */
export function wordProblems(): string[] {
  return Object.entries(words).flatMap(([key, allowed]) => {
    const given = value(key);
    if (allowed.some((word) => word === given)) return [];
    const shown = JSON.stringify(given).slice(0, longestShown);
    const setting = `gpt2.${key}`;
    const all = allowed.join(", ");
    return [
      vscode.l10n.t("The setting {0} is {1}, which is none of {2}: {3} is used.", setting, shown, all, allowed[0]),
    ];
  });
}

/** Whether a change of the settings changes {@link wordProblems}. */
export function affectsWords(event: vscode.ConfigurationChangeEvent): boolean {
  return Object.keys(words).some((key) => event.affectsConfiguration(`gpt2.${key}`));
}

/** Says once of each wrong value that it is not used. */
export function reportWordProblems(log: Pick<vscode.LogOutputChannel, "warn">): vscode.Disposable {
  const said = new Set<string>();
  const report = () => {
    for (const problem of wordProblems()) {
      if (!said.has(problem)) log.warn(problem);
      said.add(problem);
    }
  };
  report();
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (affectsWords(event)) report();
  });
}

function value(key: string): unknown {
  return vscode.workspace.getConfiguration("gpt2").get(key);
}

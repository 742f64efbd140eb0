import type { StatusState } from "./state";

/** What the menu offers. */
export type StatusAction =
  | "selectModel"
  | "manageModels"
  | "restartEngine"
  | "turnOff"
  | "turnOn"
  | "turnOffForLanguage"
  | "turnOnForLanguage"
  | "snooze"
  | "resume"
  | "changeBatterySetting"
  | "generate"
  | "openDiagnostics"
  | "showStatistics"
  | "showLog"
  | "openSettings";

/** A part of the menu. */
export interface ActionGroup {
  readonly title: "now" | "suggestions" | "use" | "engine";
  readonly actions: readonly StatusAction[];
}

/**
 * The menu in a state: first what helps there and then, after it everything else that can be done.
 * @param languageOn whether suggestions are on for the active editor's language; undefined without an editor
 */
export function actionsIn(state: StatusState, languageOn: boolean | undefined): readonly ActionGroup[] {
  const now = urgentActions(state);
  const rest: readonly ActionGroup[] = [
    { title: "suggestions", actions: suggestionActions(state, languageOn) },
    { title: "use", actions: ["generate", "openDiagnostics", "showStatistics"] },
    { title: "engine", actions: ["selectModel", "manageModels", "restartEngine", "showLog", "openSettings"] },
  ];
  return [
    { title: "now" as const, actions: now },
    ...rest.map(({ title, actions }) => ({ title, actions: actions.filter((action) => !now.includes(action)) })),
  ].filter(({ actions }) => actions.length > 0);
}

function urgentActions({ kind }: StatusState): readonly StatusAction[] {
  switch (kind) {
    case "failed":
      return ["selectModel", "restartEngine", "showLog"];
    case "loading":
      return ["showLog"];
    case "off":
      return ["turnOn"];
    case "offForLanguage":
      return ["turnOnForLanguage"];
    case "snoozed":
      return ["resume"];
    case "pausedOnBattery":
      return ["changeBatterySetting"];
    case "working":
    case "indexing":
    case "notLoaded":
    case "ready":
      return [];
  }
}

function suggestionActions({ kind }: StatusState, languageOn: boolean | undefined): readonly StatusAction[] {
  if (kind === "off") return ["turnOn"];
  const forLanguage: readonly StatusAction[] =
    languageOn === undefined ? [] : [languageOn ? "turnOffForLanguage" : "turnOnForLanguage"];
  return [...(kind === "snoozed" ? [] : (["snooze"] as const)), ...forLanguage, "turnOff"];
}

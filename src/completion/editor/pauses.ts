/** What is paused for a while, whatever the settings say. What a person asks for explicitly never is. */
export interface Pauses {
  /** Suggestions while typing. */
  readonly suggestions: boolean;
  /** The work between two keystrokes. */
  readonly idleWork: boolean;
  readonly onDidChange: (listener: () => unknown) => { dispose(): unknown };
}

/** Nothing is paused. */
export const noPauses: Pauses = {
  suggestions: false,
  idleWork: false,
  onDidChange: () => ({ dispose: () => undefined }),
};

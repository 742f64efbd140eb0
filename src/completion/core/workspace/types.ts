/** A position in the workspace's text that is preceded by the same text as the cursor. */
export interface WorkspaceMatch {
  readonly uri: string;
  /** Zero-based line of the position. */
  readonly line: number;
  /** Number of characters directly before the position that are equal to those directly before the cursor. */
  readonly matchLength: number;
  /** The rest of the line from the position on, without the line break. */
  readonly rest: string;
  /** The first line after it that is not blank, with its indentation; empty at the end of the file. */
  readonly nextLine: string;
  /** The lines after `rest`, each with its line break: what a suggestion of several lines may continue with. */
  readonly following: string;
  /** Whether the position is in the file of the cursor. */
  readonly sameFile: boolean;
  /** From 0 (never opened or edited) to 1 (the most recently opened or edited file). */
  readonly recency: number;
}

/** The text around a cursor, with `\n` line breaks. */
export interface WorkspaceQuery {
  /** URI of the cursor's file; need not be a file of the index. */
  readonly uri: string;
  /** The text before the cursor; more than a few hundred characters are not compared. */
  readonly prefix: string;
  /** The text after the cursor. */
  readonly suffix: string;
  /** At most so many matches. */
  readonly limit: number;
}

/** Finds text in the workspace that is like the text before the cursor. */
export interface WorkspaceLookup {
  /**
   * The positions with the longest text equal to that before the cursor, longest first; where it is equally long,
   * those followed by the same next line, in the same file, in recent files first. The cursor's own position is never among them.
   */
  find(query: WorkspaceQuery, signal?: AbortSignal): Promise<WorkspaceMatch[]>;
}

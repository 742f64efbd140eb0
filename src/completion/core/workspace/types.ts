/** A position in the workspace's text that is preceded by the same text as the cursor. */
export interface WorkspaceMatch {
  readonly uri: string;
  /** Zero-based line of the position. */
  readonly line: number;
  /** Offset of the position in the file's text with `\n` line breaks, in UTF-8 bytes. */
  readonly offset: number;
  /** Number of characters directly before the position that are equal to those directly before the cursor. */
  readonly matchLength: number;
  /** The rest of the line from the position on, without the line break and trailing white space. */
  readonly rest: string;
  /** The text before the position, no more than 600 bytes of it. */
  readonly preceding: string;
  /** The first line after it that is not blank, with its indentation; empty at the end of the file. */
  readonly nextLine: string;
  /** The lines after `rest`, each with its line break: what a suggestion of several lines may continue with. */
  readonly following: string;
  /** Whether the position is in the file of the cursor. */
  readonly sameFile: boolean;
  /** From 0 (never opened or edited) to 1 (the most recently opened or edited file). */
  readonly recency: number;
  /** How many of the longest matches that were looked at have this rest, this one included; where the rest is empty, this next line. */
  readonly occurrences: number;
}

/** The text around a cursor, with `\n` line breaks. */
export interface WorkspaceQuery {
  /** URI of the cursor's file; need not be a file of the index. */
  readonly uri: string;
  /** The text before the cursor; no more than its last 128 bytes are compared. */
  readonly prefix: string;
  /** The text after the cursor. */
  readonly suffix: string;
  /** At most so many matches. */
  readonly limit: number;
}

/** Finds text in the workspace that is like the text before the cursor. */
export interface WorkspaceLookup {
  /**
   * The positions with the longest text equal to that before the cursor. In order: match length, to which the same next line as after the
   * cursor adds {@link sameNextLineBonus} characters; same file; recency. No more than {@link mostWithEqualRest}
   * have the same rest, or, where it is empty, the same next line.
   * The cursor's own position is never among them.
   */
  find(query: WorkspaceQuery, signal?: AbortSignal): Promise<WorkspaceMatch[]>;
}

/** What the same next line counts for in the order of matches, in characters: measured on held-out repositories. */
export const sameNextLineBonus = 30;
/** Matches with equal rests say little more than that there are many: {@link WorkspaceMatch.occurrences}. */
export const mostWithEqualRest = 4;

/** How far the index of the workspace is. */
export interface WorkspaceStatus {
  /** `off`: switched off; `indexing`: files are being read; `ready`: every file is in; `full`: as many as fit the memory. */
  readonly state: "off" | "indexing" | "ready" | "full" | "failed";
  readonly files: number;
  /** Bytes of text. */
  readonly bytes: number;
  /** Bytes of memory that text and index occupy. */
  readonly memory: number;
}

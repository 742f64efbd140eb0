/** What a person sees around the cursor. Tabs are as many spaces as they are wide. */
export interface View {
  /** From 1. */
  readonly line: number;
  /** The line's own text on both sides of the cursor. */
  readonly before: string;
  readonly after: string;
  /** The line from the cursor on as it is drawn: with ghost text. */
  readonly shown: string;
  /** The ghost text in the cursor's line, and its further lines. */
  readonly ghost: string;
  readonly ghostLines: readonly string[];
  /** The lines below that are in view, without ghost text. */
  readonly below: readonly string[];
  /** Whether the list of IntelliSense is open. */
  readonly widget: boolean;
}

/** A key that was pressed. */
export interface PressedKey {
  readonly key: string;
  /** Milliseconds since the page was loaded. */
  readonly at: number;
}

/** A frame in which the line of the cursor or its ghost text is drawn for the first time. */
export interface Frame extends Omit<View, "below" | "widget"> {
  readonly at: number;
  /** How many keys were pressed until then. */
  readonly keys: number;
}

export interface PageRecord {
  readonly keys: readonly PressedKey[];
  readonly frames: readonly Frame[];
}

export const hasGhost = ({ ghost, ghostLines }: Pick<View, "ghost" | "ghostLines">): boolean =>
  [ghost, ...ghostLines].some((line) => line.trim() !== "");

/** The text that is drawn from the cursor on, with the further lines of ghost text. */
export const drawn = ({ shown, ghostLines }: Pick<View, "shown" | "ghostLines">): string =>
  [shown, ...ghostLines].join("\n");

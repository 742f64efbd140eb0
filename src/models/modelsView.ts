/** What the page of models shows, as plain data. */
export interface ModelsView {
  /** On this machine, the active one first if it is none of the others. */
  readonly installed: readonly ModelRow[];
  /** Those of the catalog that are not there. */
  readonly offered: readonly ModelRow[];
  /** The hub that they are downloaded from, by its host. */
  readonly hub: string;
}

/** A model, and what can be done with it. */
export interface ModelRow {
  /** Identifies it in the list. */
  readonly id: string;
  readonly name: string;
  /** Its repository on the hub, or its path. */
  readonly origin: string;
  /** `active`: the one that is used. `partial`: its download was interrupted. */
  readonly state: "active" | "installed" | "partial" | "offered";
  /** What it was trained on, if that is known. */
  readonly kind?: "text" | "code";
  readonly license?: string;
  /** On disk, or about how many are downloaded; undefined where that is not known. */
  readonly bytes?: number;
  /** How much of a partial download is there, 0 to 1, if that is known. */
  readonly share?: number;
  readonly parameters?: number;
  /** Whether and how it runs on this machine, if that is known. */
  readonly memory?: { readonly fits: boolean; readonly text: string };
  /** The hub asks for a token. */
  readonly gated: boolean;
  readonly actions: readonly RowAction[];
}

/** What can be done with one model. */
export type RowAction = "use" | "download" | "delete" | "folder" | "page";

/** What can be done whatever the models. */
export type ListAction = "otherRepository" | "browseFile" | "browseFolder" | "setToken";

/** What a person does on the page. */
export type ModelsCommand =
  | { readonly kind: "row"; readonly action: RowAction; readonly id: string }
  | { readonly kind: "list"; readonly action: ListAction };

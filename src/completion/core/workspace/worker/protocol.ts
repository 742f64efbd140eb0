import type { TextChange } from "../openText";
import type { WorkspaceMatch, WorkspaceQuery, WorkspaceStatus } from "../types";

/** A file as it is on disk. */
export interface FileContent {
  readonly uri: string;
  readonly content: Uint8Array;
}

/** What the index is told about files and documents. Messages are carried out in the order in which they come. */
export type Update =
  | { readonly kind: "budget"; readonly bytes: number }
  | { readonly kind: "open"; readonly uri: string; readonly text: string }
  /** More of an opened document: large ones come in slices. */
  | { readonly kind: "append"; readonly uri: string; readonly text: string }
  | { readonly kind: "edit"; readonly uri: string; readonly changes: readonly TextChange[] }
  | { readonly kind: "close"; readonly uri: string }
  | { readonly kind: "visit"; readonly uri: string }
  /** Files, and folders with all that is in them. */
  | { readonly kind: "delete"; readonly uris: readonly string[] };

export type ToIndexWorker =
  | Update
  | { readonly kind: "find"; readonly id: number; readonly query: WorkspaceQuery }
  /** Answered when the files are indexed, so that no more are read than the index can take. */
  | { readonly kind: "add"; readonly id: number; readonly files: readonly FileContent[] };

export type FromIndexWorker =
  | { readonly kind: "found"; readonly id: number; readonly matches: WorkspaceMatch[] }
  | { readonly kind: "added"; readonly id: number; readonly full: boolean }
  | { readonly kind: "size"; readonly size: IndexSize };

export type IndexSize = Pick<WorkspaceStatus, "files" | "bytes" | "memory">;

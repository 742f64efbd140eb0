import type { FimTokens } from "../tokenizer";

/** A byte-level byte-pair vocabulary as plain data, wherever it was read from. */
export interface VocabularyDefinition {
  /** The ordinary tokens by id, in the letters of `byteLetters`. A hole is an id that none of them has. */
  readonly tokens: readonly (string | undefined)[];
  /** Three ids for each merge, in the order of their ranks: the left part, the right part, what they become. */
  readonly merges: Int32Array;
  /** Tokens that are recognized in a text before it is split, and those that stand for no text. */
  readonly added: readonly AddedToken[];
  readonly split: SplitDefinition;
  /** A pre-token that is a token is not merged from its bytes, whatever the merges say. */
  readonly ignoresMerges: boolean;
  /** Replaces bytes that are no tokens, a run of them at once if `fused`; without it they are left out. */
  readonly unknown?: { readonly token: number; readonly fused: boolean };
  readonly startOfText: number;
  readonly endOfText: number;
  readonly fim: FimTokens | undefined;
}

/** How a text is changed and cut before its bytes are merged. */
export interface SplitDefinition {
  readonly normalization: readonly UnicodeForm[];
  /** A space is put before a text that does not begin with one. */
  readonly addsPrefixSpace: boolean;
  /** Regular expressions, in the dialect of the files. Each cuts the pieces of the one before into its matches and what is between them. */
  readonly patterns: readonly string[];
}

export type UnicodeForm = "NFC" | "NFD" | "NFKC" | "NFKD";

export interface AddedToken {
  readonly id: number;
  /** Plain text, not letters. */
  readonly content: string;
  /** Stands for something other than text: written in a text, it is ordinary characters. */
  readonly special: boolean;
  /** Takes the white space before it. */
  readonly lstrip: boolean;
  /** Takes the white space after it. */
  readonly rstrip: boolean;
}

/** The vocabulary that a model's files hold: one that can be used, or the reason why it cannot. */
export type ModelVocabulary =
  | { readonly kind: "bytePairs"; readonly name: string; readonly definition: VocabularyDefinition }
  | { readonly kind: "unusable"; readonly problem: string };

/** What a vocabulary file says cannot be used; the message completes "the vocabulary in FILE cannot be used: …". */
export class UnusableVocabulary extends Error {}

import { sha256 } from "@noble/hashes/sha2";
import { bytesToHex } from "@noble/hashes/utils";
import {
  type AddedToken,
  type ModelVocabulary,
  type SplitDefinition,
  UnusableVocabulary,
  type VocabularyDefinition,
} from "./definition";
import { type StatedRoles, tokenRoles } from "./names";

/** What vocabulary files say, before it is checked. */
export interface VocabularyParts {
  /** Tokens in letters, with their ids. */
  readonly tokens: Iterable<readonly [token: string, id: unknown]>;
  /** The two parts of each merge, in the order of their ranks. */
  readonly merges: Iterable<readonly [left: string, right: string]>;
  readonly added: readonly AddedToken[];
  readonly split: SplitDefinition;
  readonly ignoresMerges: boolean;
  readonly unknown?: { readonly token: string; readonly fused: boolean };
  readonly stated: StatedRoles;
}

/** Ids and merges at most; the largest vocabularies have a quarter of a million. */
const mostIds = 2 ** 21;
const mostMerges = 2 ** 22;

/**
 * A vocabulary from what files say.
 * @throws UnusableVocabulary when ids or merges contradict each other
 */
export function assemble({ split, ignoresMerges, ...parts }: VocabularyParts): VocabularyDefinition {
  const ids = new Map<string, number>();
  const tokens: (string | undefined)[] = [];
  for (const [token, id] of parts.tokens) {
    if (!isId(id)) throw new UnusableVocabulary(`its token ${JSON.stringify(token)} has the id ${String(id)}`);
    if (tokens[id] !== undefined) throw new UnusableVocabulary(`two of its tokens have the id ${id}`);
    ids.set(token, id);
    tokens[id] = token;
  }
  const merges = mergeIds(parts.merges, ids);
  const size = parts.added.reduce((most, { id }) => Math.max(most, id + 1), tokens.length);
  if (size === 0) throw new UnusableVocabulary("it is empty");
  const addedIds = new Map(parts.added.map(({ content, id }) => [content, id]));
  const roles = tokenRoles(parts.stated, (name) => addedIds.get(name) ?? ids.get(name), size);
  const added = withRoles(parts.added, roles, tokens);
  // Tokens of one letter stay: merging begins with them.
  for (const { id } of added) if ((tokens[id]?.length ?? 0) > 1) tokens[id] = undefined;
  while (tokens.length > 0 && tokens.at(-1) === undefined) tokens.pop();
  const unknown = parts.unknown && (addedIds.get(parts.unknown.token) ?? ids.get(parts.unknown.token));
  return {
    tokens: Array.from(tokens),
    merges,
    added,
    split,
    ignoresMerges,
    ...(unknown !== undefined && { unknown: { token: unknown, fused: parts.unknown?.fused ?? false } }),
    ...roles,
  };
}

/** A usable vocabulary, named after its tokens and merges: models with the same name have the same ids for a text. */
export function named(definition: VocabularyDefinition): ModelVocabulary {
  const hash = sha256.create();
  hash.update(new TextEncoder().encode(JSON.stringify(definition.tokens)));
  hash.update(new Uint8Array(definition.merges.buffer));
  return { kind: "bytePairs", name: `bpe-${bytesToHex(hash.digest()).slice(0, 8)}`, definition };
}

/** @returns what `read` gives, or what is wrong with the vocabulary in a file */
export function usableOrNot(file: string, read: () => VocabularyDefinition): ModelVocabulary {
  try {
    return named(read());
  } catch (error) {
    if (!(error instanceof UnusableVocabulary)) throw error;
    return { kind: "unusable", problem: `in ${file}, ${error.message}` };
  }
}

export function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < mostIds;
}

function mergeIds(merges: VocabularyParts["merges"], ids: ReadonlyMap<string, number>): Int32Array {
  const flat: number[] = [];
  for (const [left, right] of merges) {
    for (const token of [left, right, left + right]) {
      const id = ids.get(token);
      if (id === undefined) {
        throw new UnusableVocabulary(
          `a merge needs the token ${JSON.stringify(token.slice(0, 100))}, which it does not have`,
        );
      }
      flat.push(id);
    }
    if (flat.length > 3 * mostMerges) throw new UnusableVocabulary("it has more merges than any vocabulary");
  }
  return Int32Array.from(flat);
}

/** The added tokens and those that begin and end texts or fill in, which never stand for text. */
function withRoles(
  added: readonly AddedToken[],
  { startOfText, endOfText, fim }: Pick<VocabularyDefinition, "startOfText" | "endOfText" | "fim">,
  tokens: readonly (string | undefined)[],
): readonly AddedToken[] {
  const ids = new Set([startOfText, endOfText, ...(fim ? [fim.prefix, fim.middle, fim.suffix] : [])]);
  const all = added.map((token) => (ids.has(token.id) ? { ...token, special: true } : token));
  const known = new Set(all.map(({ id }) => id));
  for (const id of ids) {
    const content = tokens[id];
    if (!known.has(id) && content !== undefined) all.push({ id, content, special: true, lstrip: false, rstrip: false });
  }
  return all;
}

import type { TextChange } from "./openText";

/** The changes of a document as they are for its beginning, and how long that is afterwards. */
export interface ChangesOfBeginning {
  readonly changes: readonly TextChange[];
  readonly length: number;
}

/**
 * A large document is sent in slices, and may be edited meanwhile: what was sent follows its changes, and the rest is read later.
 * @param length characters that were sent; infinite for a whole document
 * @param changes of the document, in the order in which they are to be made
 */
export function changesOfBeginning(length: number, changes: readonly TextChange[]): ChangesOfBeginning {
  const own: TextChange[] = [];
  for (const { offset, length: replaced, text } of changes) {
    // What begins at the end of the beginning is not sent yet.
    if (offset >= length) continue;
    const within = Math.min(replaced, length - offset);
    own.push({ offset, length: within, text });
    length += text.length - within;
  }
  return { changes: own, length };
}

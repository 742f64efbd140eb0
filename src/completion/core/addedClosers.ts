/** Closing brackets that accepting a suggestion puts after the cursor. */
export interface AddedClosers {
  /** UTF-16 units. */
  readonly offset: number;
  readonly text: string;
  /** Whether they are in the document already. */
  readonly isPresent: boolean;
}

/** A change of a document. */
export interface TextChange {
  /** Where it begins and how much it replaces, in UTF-16 units. */
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/**
 * Follows the closers through a change.
 * @returns what is left of them, and whether the change typed the first of them again: then the one after it is one too many
 */
export function closersAfter(
  closers: AddedClosers,
  change: TextChange,
): { readonly left: AddedClosers | undefined; readonly isDoubled: boolean } {
  const { offset, length, text } = change;
  if (typesFirst(closers, change)) {
    const rest = closers.text.slice(1);
    const left = rest === "" ? undefined : { ...closers, offset: offset + 1, text: rest };
    // The editor types over those that it has closed itself by replacing them.
    return { left, isDoubled: closers.isPresent && length === 0 };
  }
  if (isAfter(closers, offset)) return { left: closers, isDoubled: false };
  // In another line they are the end of a block, which the editor treats as any other.
  if (text.includes("\n")) return { left: undefined, isDoubled: false };
  // What is typed where they are still missing goes before them, with what the editor closes or types over there.
  if (!closers.isPresent && offset === closers.offset)
    return { left: { ...closers, offset: offset + text.length }, isDoubled: false };
  if (offset + length > closers.offset) return { left: undefined, isDoubled: false };
  return { left: { ...closers, offset: closers.offset + text.length - length }, isDoubled: false };
}

/** Whether a change puts closers that are missing where they belong. */
export function insertsClosers({ offset, text, isPresent }: AddedClosers, change: TextChange): boolean {
  return !isPresent && change.offset === offset && change.length === 0 && change.text === text;
}

function typesFirst(closers: AddedClosers, { offset, length, text }: TextChange): boolean {
  if (text === "" || offset !== closers.offset || text !== closers.text.charAt(0)) return false;
  return length < (closers.isPresent ? 2 : 1);
}

function isAfter({ offset, text, isPresent }: AddedClosers, at: number): boolean {
  return isPresent ? at >= offset + text.length : at > offset;
}

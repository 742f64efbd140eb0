/** What a pickle says, as plain data: references to Python's functions and objects stay names. */

/** A name such as `collections.OrderedDict` that the pickle refers to. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

/** What the pickle refers to in another part of the file. */
export class PersistentId {
  constructor(readonly id: PickleValue) {}
}

/** A call of an allowed global, not carried out. */
export class PickleCall {
  constructor(
    readonly name: string,
    readonly args: readonly PickleValue[],
  ) {}
}

export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleGlobal
  | PersistentId
  | PickleCall
  | readonly PickleValue[]
  | ReadonlyMap<PickleValue, PickleValue>;

/** The pickle says something that it must not; the message completes "the file is not usable: …". */
export class BadPickle extends Error {}

/** The bytes given end before the pickle does. */
export class PickleGoesOn extends Error {}

export function isList(value: PickleValue | undefined): value is readonly PickleValue[] {
  return Array.isArray(value);
}

export function isDictionary(value: PickleValue | undefined): value is ReadonlyMap<PickleValue, PickleValue> {
  return value instanceof Map;
}

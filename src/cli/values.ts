/** The command line is not valid. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The values of options by their names, as they were parsed. */
export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** An option that takes a value, one that may be repeated, and one that takes none. */
export const text = { type: "string" } as const;
export const texts = { type: "string", multiple: true } as const;
export const flag = { type: "boolean" } as const;

export function isSet(values: Values, name: string): boolean {
  return values[name] === true;
}

export function string(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** The values of an option that may be repeated. */
export function strings(values: Values, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

/** One of a list of values; the first is the default. */
export function oneOf<T extends string>(values: Values, name: string, known: readonly [T, ...T[]]): T {
  return optionalOneOf(values, name, known) ?? known[0];
}

export function optionalOneOf<T extends string>(values: Values, name: string, known: readonly T[]): T | undefined {
  const value = string(values, name);
  if (value === undefined) return undefined;
  const found = known.find((one) => one === value);
  if (found === undefined) {
    const list = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(known);
    throw new UsageError(`--${name} must be ${list}, not “${value}”.`);
  }
  return found;
}

export function wholeNumber(values: Values, name: string, fallback: number, min: number, max = Infinity): number {
  return optionalWholeNumber(values, name, min, max) ?? fallback;
}

export function optionalWholeNumber(values: Values, name: string, min: number, max = Infinity): number | undefined {
  const value = string(values, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < min || number > max) {
    const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new UsageError(`--${name} must be an integer ${range}, not “${value}”.`);
  }
  return number;
}

export function decimal(values: Values, name: string, fallback: number, max: number, min = 0): number {
  return optionalDecimal(values, name, max, min) ?? fallback;
}

export function optionalDecimal(values: Values, name: string, max: number, min = 0): number | undefined {
  const value = string(values, name);
  return value === undefined ? undefined : toDecimal(value, name, max, min);
}

/** @throws UsageError for a text that is no number from `min` to `max` */
export function toDecimal(value: string, name: string, max: number, min = 0): number {
  const number = Number(value);
  if (/^-?\d*\.?\d+(e[+-]?\d+)?$/i.test(value) && Number.isFinite(number) && number >= min && number <= max)
    return number;
  const range = max < Infinity ? ` from ${min} to ${max}` : min > -Infinity ? ` of at least ${min}` : "";
  throw new UsageError(`--${name} must be a number${range}, not “${value}”.`);
}

/** The token ids of an option; undefined when it is not given. */
export function optionalTokenIds(values: Values, name: string): readonly number[] | undefined {
  const list = string(values, name);
  return list === undefined ? undefined : toTokenIds(list, name);
}

/** @throws UsageError for a text that is no list of ids */
export function toTokenIds(list: string, name: string): number[] {
  if (list.trim() === "") return [];
  if (!/^\s*\d+(\s*,\s*\d+)*\s*$/.test(list)) {
    throw new UsageError(`--${name} must be a list of ids such as 15496,13, not “${list}”.`);
  }
  return list.split(",").map(Number);
}

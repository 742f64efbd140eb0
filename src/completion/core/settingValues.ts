/**
 * Values of settings as the manifest allows them. The editor marks another value in the settings, but hands it out all the same: the nearest that is
 * allowed is used, or else the default.
 */

export interface Limits {
  readonly min: number;
  readonly max: number;
}

/** A number within its limits; the default for what is no number. */
export function numberSetting(value: unknown, { min, max }: Limits, fallback: number): number {
  return typeof value === "number" && !Number.isNaN(value) ? Math.min(Math.max(value, min), max) : fallback;
}

/** As {@link numberSetting}, without a fraction. */
export function integerSetting(value: unknown, limits: Limits, fallback: number): number {
  return Math.round(numberSetting(value, limits, fallback));
}

/** One of several words; the default for anything else. */
export function wordSetting<T extends string>(value: unknown, words: readonly T[], fallback: T): T {
  return words.find((word) => word === value) ?? fallback;
}

/** On or off; the default for anything else. */
export function switchSetting(value: unknown, fallback: boolean): boolean {
  return typeof value === "boolean" ? value : fallback;
}

/** A text; the default for anything else. */
export function textSetting(value: unknown, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}

/** The entries that are on or off; the default for what has no entries. */
export function switchesSetting(
  value: unknown,
  fallback: Readonly<Record<string, boolean>>,
): Readonly<Record<string, boolean>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fallback;
  const entries: [string, unknown][] = Object.entries(value);
  return Object.fromEntries(entries.filter((entry): entry is [string, boolean] => typeof entry[1] === "boolean"));
}

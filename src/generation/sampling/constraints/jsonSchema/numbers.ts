import { InputError } from "../../../errors";
import { type ByteRange, bytes, choice, type Expression, literal, optional, repeat, sequence } from "../expression";
import { numberAt, type SchemaObject } from "./schema";

/** Numbers of so many digits are told apart by the floating-point numbers of JSON's readers. */
const mostDigits = 15;
const zero = 0x30;
const digit = bytes([zero, zero + 9]);
const wholePart = choice(literal("0"), sequence(bytes([zero + 1, zero + 9]), repeat(digit, 0, mostDigits - 1)));
const minus = optional(literal("-"));
const anyInteger = sequence(minus, wholePart);
const exponent = sequence(bytes([0x65, 0x65]), optional(literal("-")), repeat(digit, 1, 2));
const anyNumber = sequence(
  anyInteger,
  optional(sequence(literal("."), repeat(digit, 1, mostDigits))),
  optional(exponent),
);

/** The numbers, or whole numbers, that a schema allows. @throws InputError for bounds that leave none, and for `multipleOf`. */
export function numberExpression(schema: SchemaObject, integer: boolean, path: string): Expression {
  if (schema["multipleOf"] !== undefined && !(integer && schema["multipleOf"] === 1)) {
    throw new InputError(`The JSON schema at ${path} uses “multipleOf”, which is not supported.`);
  }
  const bounds = boundsOf(schema, path);
  if (!bounds) return integer ? anyInteger : anyNumber;
  const decimals = integer ? [0] : [0, Math.max(2, bounds.decimals)];
  const options = decimals.flatMap((places) => fixedPoint(bounds, places));
  if (options.length === 0) throw new InputError(`The JSON schema at ${path} has bounds that no number satisfies.`);
  return choice(...options);
}

/** Limits of a number, as decimal texts. */
interface Bounds {
  readonly low: readonly Limit[];
  readonly high: readonly Limit[];
  /** The most digits after the decimal point that a limit has. */
  readonly decimals: number;
}

interface Limit {
  readonly value: string;
  readonly exclusive: boolean;
}

function boundsOf(schema: SchemaObject, path: string): Bounds | undefined {
  const limit = (keyword: string, exclusive: boolean): readonly Limit[] => {
    const value = numberAt(schema, keyword, path);
    if (value === undefined) return [];
    const text = String(value);
    if (!/^-?\d{1,15}(\.\d{1,9})?$/.test(text)) {
      throw new InputError(`The JSON schema at ${path} has a “${keyword}” of ${text}, which has too many digits.`);
    }
    return [{ value: text, exclusive }];
  };
  const low = [...limit("minimum", false), ...limit("exclusiveMinimum", true)];
  const high = [...limit("maximum", false), ...limit("exclusiveMaximum", true)];
  const all = [...low, ...high];
  if (all.length === 0) return undefined;
  return { low, high, decimals: Math.max(...all.map(({ value }) => value.split(".")[1]?.length ?? 0)) };
}

/** The numbers within bounds that have this many digits after the decimal point. */
function fixedPoint({ low, high }: Bounds, places: number): Expression[] {
  const most = 10n ** BigInt(mostDigits) - 1n;
  const lowest = low.reduce((value, limit) => larger(value, firstAbove(limit, places)), -most);
  const highest = high.reduce((value, limit) => -larger(-value, firstAbove(negated(limit), places)), most);
  const positive = digitStrings(larger(lowest, 0n), highest, places);
  const negative = digitStrings(larger(-highest, 1n), -lowest, places);
  return [
    ...positive.map((digits) => withPoint(digits, places)),
    ...negative.map((digits) => sequence(literal("-"), withPoint(digits, places))),
  ];
}

/** The smallest number that a lower limit allows, in units of the last place. */
function firstAbove({ value, exclusive }: Limit, places: number): bigint {
  const [whole = "0", fraction = ""] = value.replace("-", "").split(".");
  const scaled = BigInt(whole + fraction.padEnd(places, "0").slice(0, places));
  const isExact = /^0*$/.test(fraction.slice(places));
  if (!value.startsWith("-")) return isExact && !exclusive ? scaled : scaled + 1n;
  return isExact && exclusive ? 1n - scaled : -scaled;
}

function negated({ value, exclusive }: Limit): Limit {
  return { value: value.startsWith("-") ? value.slice(1) : `-${value}`, exclusive };
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** The numbers from `low` to `high`, neither negative, as sequences of digit ranges with at least one digit before the point. */
function digitStrings(low: bigint, high: bigint, places: number): ByteRange[][] {
  const found: ByteRange[][] = [];
  for (let width = places + 1; width <= mostDigits && low <= high; width++) {
    const first = width === places + 1 ? 0n : 10n ** BigInt(width - 1);
    const last = 10n ** BigInt(width) - 1n;
    const from = larger(low, first);
    const to = high < last ? high : last;
    if (from > to) continue;
    const pad = (value: bigint) => Array.from(String(value).padStart(width, "0"), Number);
    found.push(...between(pad(from), pad(to)));
  }
  return found;
}

/** The digit strings between two of the same length. */
function between([first, ...from]: readonly number[], [last, ...to]: readonly number[]): ByteRange[][] {
  if (first === undefined || last === undefined) return [[]];
  const before = (low: number, high: number, rests: ByteRange[][]): ByteRange[][] =>
    low > high ? [] : rests.map((rest) => [[zero + low, zero + high], ...rest]);
  const nines = from.map(() => 9);
  const zeros = from.map(() => 0);
  if (first === last) return before(first, first, between(from, to));
  const isWhole = from.every((value) => value === 0) && to.every((value) => value === 9);
  if (isWhole) return before(first, last, [from.map(() => [zero, zero + 9])]);
  return [
    ...before(first, first, between(from, nines)),
    ...before(first + 1, last - 1, [from.map(() => [zero, zero + 9])]),
    ...before(last, last, between(zeros, to)),
  ];
}

function withPoint(digits: readonly ByteRange[], places: number): Expression {
  if (places === 0) return bytes(...digits);
  const point = digits.length - places;
  return sequence(bytes(...digits.slice(0, point)), literal("."), bytes(...digits.slice(point)));
}

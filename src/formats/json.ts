import { ModelFileError } from "./errors";

/** Limits for JSON from files, far above what models need: a hostile text would otherwise take minutes, or overflow the stack. */
export interface JsonLimits {
  readonly bytes: number;
  /** Objects and lists, all levels together. */
  readonly values: number;
}

const deepest = 32;

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a JSON object from a file.
 * @param what is being parsed, for a message
 * @throws ModelFileError when it is too large or too deep, no valid UTF-8 or JSON, no object, or has a key twice at its top level
 */
export function parseJsonObject(bytes: Uint8Array, what: string, limits: JsonLimits): JsonObject {
  const refuse = (why: string, cause?: unknown) => new ModelFileError(`${what} ${why}.`, { cause });
  if (bytes.length > limits.bytes) throw refuse(`is too large for what it should be (${bytes.length} bytes)`);
  const problem = structureProblem(bytes, limits.values);
  if (problem !== undefined) throw refuse(problem);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw refuse(`is not valid JSON: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  if (isJsonObject(value)) return value;
  throw refuse("is not a JSON object");
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** What is wrong with the nesting and the top-level keys of a text, which is looked at without building anything. */
function structureProblem(bytes: Uint8Array, mostValues: number): string | undefined {
  const keys = new Set<string>();
  let depth = 0;
  let values = 0;
  let lastString: Uint8Array | undefined;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte === quote) {
      const start = i;
      for (i++; i < bytes.length && bytes[i] !== quote; i++) if (bytes[i] === backslash) i++;
      if (depth === 1) lastString = bytes.subarray(start, i + 1);
    } else if (byte === openList || byte === openObject) {
      if (++depth > deepest) return "is nested too deeply";
      if (++values > mostValues) return `holds more than ${mostValues} lists and objects`;
    } else if (byte === closeList || byte === closeObject) {
      depth--;
    } else if (byte === colon && depth === 1 && lastString !== undefined) {
      const key = unescaped(lastString);
      if (keys.has(key)) return `has two entries named ${key}`;
      keys.add(key);
    }
  }
  return undefined;
}

/** The text of a JSON string; one that is not valid is found by the parser later. */
function unescaped(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  if (!text.includes("\\")) return text.slice(1, -1);
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

import { newline } from "./positions";

const carriageReturn = 0x0d;
const utf8 = new TextDecoder("utf-8", { fatal: true });
const singleByte = new TextDecoder("windows-1252");
const lenient = new TextDecoder("utf-8");
const encoder = new TextEncoder();

/** Larger files are data, or were written by a program. */
export const mostFileBytes = 1 << 20;
/** The same goes for files with lines of so many bytes on average. */
const longestMeanLine = 300;

/**
 * The text of a file as UTF-8 with `\n` line breaks.
 * @returns undefined for a file that is not worth indexing: binary, minified, or too large
 */
export function indexableText(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > mostFileBytes || bytes.includes(0)) return undefined;
  return bytes.length > longestMeanLine * (countLines(bytes) + 1) ? undefined : unixText(toUtf8(bytes));
}

export function encodeText(text: string): Uint8Array {
  return unixText(encoder.encode(text));
}

/** @param bytes UTF-8, perhaps cut inside a character */
export function decodeText(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** Where the line of a position ends: the offset of its `\n`, or `end`. */
export function lineEnd(text: Uint8Array, position: number, end: number): number {
  const found = text.indexOf(newline, position);
  return found < 0 || found > end ? end : found;
}

/** Characters (UTF-16 code units) in UTF-8; a character of which only the last bytes are there is not counted. */
export function countCharacters(utf8Bytes: Uint8Array): number {
  let count = 0;
  for (const byte of utf8Bytes) {
    if ((byte & 0xc0) !== 0x80) count++;
    if (byte >= 0xf0) count++;
  }
  return count;
}

/** Line breaks in `text[start..end)`. */
export function countLines(text: Uint8Array, start = 0, end = text.length): number {
  let count = 0;
  for (let at = text.indexOf(newline, start); at >= 0 && at < end; at = text.indexOf(newline, at + 1)) count++;
  return count;
}

/** Text in another encoding is read as Windows-1252, in which code at least is the same. */
function toUtf8(bytes: Uint8Array): Uint8Array {
  try {
    utf8.decode(bytes);
    return withoutMark(bytes);
  } catch {
    return encoder.encode(singleByte.decode(bytes));
  }
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? bytes.subarray(3) : bytes;
}

function unixText(text: Uint8Array): Uint8Array {
  if (!text.includes(carriageReturn)) return text;
  const unix = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === carriageReturn && text[i + 1] === newline) continue;
    unix[length++] = text[i] as number;
  }
  return unix.slice(0, length);
}

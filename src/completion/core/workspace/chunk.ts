import { longestContext } from "./sortPositions";
import { countLines } from "./text";
import { newline } from "./positions";

/** One version of a file's text in the index. It stays in its segments after it was replaced, until they are rebuilt. */
export interface IndexedFile {
  readonly uri: string;
  /** Bytes of text. */
  readonly length: number;
  /** False once it was replaced or deleted. */
  current: boolean;
}

/** A part of a file: what is indexed, and the text around it that matches are read from. Offsets are in bytes of the file. */
export interface Chunk {
  readonly file: IndexedFile;
  readonly textStart: number;
  /** Positions from `start` to `end` are indexed. */
  readonly start: number;
  readonly end: number;
  readonly textEnd: number;
  /** Zero-based line of `start`, which begins it. */
  readonly firstLine: number;
}

/** So many bytes of a file are indexed together, but for the rest of a line. */
const chunkBytes = 48 << 10;
/** Bytes after a chunk from which the lines that follow a match are read. */
const textAfter = 1 << 10;

/** Divides a file into chunks that begin with a line, with what is read around each. */
export function chunksOf(file: IndexedFile, text: Uint8Array): Chunk[] {
  const chunks: Chunk[] = [];
  let firstLine = 0;
  for (let start = 0; start < text.length;) {
    const end = chunkEnd(text, start);
    const textStart = Math.max(0, start - longestContext);
    const textEnd = Math.min(text.length, end + textAfter);
    chunks.push({ file, textStart, start, end, textEnd, firstLine });
    firstLine += countLines(text, start, end);
    start = end;
  }
  return chunks;
}

/** The whole file as one chunk. */
export function wholeFile(file: IndexedFile): Chunk {
  return { file, textStart: 0, start: 0, end: file.length, textEnd: file.length, firstLine: 0 };
}

function chunkEnd(text: Uint8Array, start: number): number {
  if (text.length - start <= chunkBytes) return text.length;
  const lineBreak = text.lastIndexOf(newline, start + chunkBytes - 1);
  return lineBreak < start ? start + chunkBytes : lineBreak + 1;
}

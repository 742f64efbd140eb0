/**
 * GPT-2's letters for bytes, in which vocabulary files write their tokens (`bytes_to_unicode` in encoder.py of github.com/openai/gpt-2):
 * bytes that show stand for themselves, the others for the characters from 256 on.
 */
export const byteLetters: readonly string[] = letters();

function letters(): readonly string[] {
  let hidden = 256;
  const shows = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(shows(byte) ? byte : hidden++));
}

const byteOf: ReadonlyMap<string, number> = new Map(byteLetters.map((letter, byte) => [letter, byte]));

/** Bytes as letters. */
export function toLetters(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byteLetters[byte] ?? "";
  return text;
}

/** The bytes that letters stand for; undefined when one of the characters stands for none. */
export function fromLetters(text: string): number[] | undefined {
  const bytes: number[] = [];
  for (const letter of text) {
    const byte = byteOf.get(letter);
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  return bytes;
}

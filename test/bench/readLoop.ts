/**
 * A WebAssembly module that reads memory as fast as one thread can: it imports `env.memory` and exports `read(end)`, which XORs the
 * bytes from 0 to `end` (a multiple of 64) in four vectors of 128 bits and returns a word of the result.
 */
export const readLoopModule = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  // Type 0: (i32) -> i64.
  ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7e]),
  // Import "env" "memory", at least one page.
  ...section(2, [1, ...name("env"), ...name("memory"), 2, 0, 1]),
  ...section(3, [1, 0]),
  // Export "read", function 0.
  ...section(7, [1, ...name("read"), 0, 0]),
  ...section(10, [1, ...sized(body())]),
]);

function body(): number[] {
  const [end, at, sums] = [0, 1, [2, 3, 4, 5]];
  const get = (local: number) => [0x20, local];
  const xor = [0xfd, 0x51];
  return [
    // Locals: one i32, four v128.
    ...[2, 1, 0x7f, sums.length, 0x7b],
    ...[0x03, 0x40], // loop
    ...sums.flatMap((sum, i) => [...get(sum), ...get(at), ...[0xfd, 0x00, 4, 16 * i], ...xor, 0x21, sum]),
    ...[...get(at), 0x41, 0xc0, 0x00, 0x6a, 0x22, at], // at += 64
    ...[...get(end), 0x49, 0x0d, 0, 0x0b], // while at < end
    ...sums.flatMap((sum, i) => (i === 0 ? get(sum) : [...get(sum), ...xor])),
    ...[0xfd, 0x1d, 0, 0x0b], // i64x2.extract_lane 0
  ];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function name(text: string): number[] {
  return sized([...new TextEncoder().encode(text)]);
}

/** Bytes, preceded by their count. */
function sized(content: readonly number[]): number[] {
  return content.length < 0x80
    ? [content.length, ...content]
    : [(content.length & 0x7f) | 0x80, content.length >> 7, ...content];
}

/** Bytes from which on it is worth giving the memory of an array back early. */
const largeArray = 1 << 20;

/**
 * Gives the memory of a large array back without waiting for the garbage collector, where the host can (since 2023): tensors of a model are
 * allocated faster than it collects them. The array is empty after that. One that is a part of something larger is left alone.
 */
export function freeArray({ byteLength, buffer }: ArrayBufferView): void {
  if (byteLength >= largeArray && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) {
    (buffer as { transfer?: (length: number) => ArrayBuffer }).transfer?.(0);
  }
}

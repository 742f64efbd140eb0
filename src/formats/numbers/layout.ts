/** How numbers of a type are stored: blocks of `length` numbers in `bytes` bytes. */
export interface Layout {
  readonly length: number;
  readonly bytes: number;
  /**
   * Writes as many numbers as `out` has entries; whole blocks. `bytes` may begin at any address; `first` is the index of the first number in
   * its tensor.
   */
  readonly decode: (bytes: Uint8Array, out: Float32Array, first: number) => void;
}

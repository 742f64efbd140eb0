/** Where prepared weights are kept between starts. */
export interface PreparedWeightsCache {
  /** What was put under a key, or undefined. */
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** The span over which the speed is measured. */
const spanMs = 5000;

interface Sample {
  readonly time: number;
  readonly bytes: number;
}

/** The speed of a transfer over its last seconds. */
export class TransferRate {
  readonly #samples: Sample[] = [];

  /**
   * @param time in milliseconds, never decreasing
   * @param bytes received so far
   */
  add(time: number, bytes: number): void {
    this.#samples.push({ time, bytes });
    const firstKept = this.#samples.findIndex((sample) => sample.time >= time - spanMs);
    // One older sample stays, so that a slow transfer has a span to measure over.
    if (firstKept > 1) this.#samples.splice(0, firstKept - 1);
  }

  /** Bytes per second; undefined before there is a span to measure over. */
  get bytesPerSecond(): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.time <= first.time) return undefined;
    return Math.max(0, ((last.bytes - first.bytes) * 1000) / (last.time - first.time));
  }

  /** @param bytes still to be received */
  secondsFor(bytes: number): number | undefined {
    const rate = this.bytesPerSecond;
    return rate === undefined || rate === 0 ? undefined : bytes / rate;
  }
}

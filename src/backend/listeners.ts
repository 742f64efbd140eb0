/** The listeners of an event. */
export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Calls `listener` at each event until the returned object is disposed. */
  add(listener: (value: T) => void): Disposable {
    // The same function may listen twice.
    const own = (value: T) => listener(value);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
}

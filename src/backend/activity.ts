import { Listeners } from "./listeners";

/** Knows whether requests are running, whatever they are for. */
export class Activity {
  readonly #listeners = new Listeners<boolean>();
  #running = 0;

  get busy(): boolean {
    return this.#running > 0;
  }

  /** Calls `listener` when the first request begins and when the last one has ended. */
  onDidChange(listener: (busy: boolean) => void): Disposable {
    return this.#listeners.add(listener);
  }

  /** Counts a request until it is settled. @returns the request */
  during<T>(request: Promise<T>): Promise<T> {
    if (this.#running++ === 0) this.#listeners.fire(this.busy);
    return request.finally(() => {
      if (--this.#running === 0) this.#listeners.fire(this.busy);
    });
  }
}

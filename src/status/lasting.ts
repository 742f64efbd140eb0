/** Milliseconds that something must last to be shown: what is over at once would only flicker. */
const shownAfterMs = 500;

/** Which of several activities has been going on for a while. The first of them that has counts. */
export class Lasting<Activity extends string> implements Disposable {
  readonly #onChange: () => void;
  readonly #order: readonly Activity[];
  readonly #timers = new Map<Activity, ReturnType<typeof setTimeout>>();
  readonly #lasting = new Set<Activity>();

  /** @param order the most important activity first */
  constructor(order: readonly Activity[], onChange: () => void) {
    this.#order = order;
    this.#onChange = onChange;
  }

  get current(): Activity | undefined {
    return this.#order.find((activity) => this.#lasting.has(activity));
  }

  /** An activity is going on, or no longer. */
  set(activity: Activity, isGoingOn: boolean): void {
    if (isGoingOn) {
      if (this.#timers.has(activity)) return;
      const show = () => {
        this.#lasting.add(activity);
        this.#onChange();
      };
      this.#timers.set(activity, setTimeout(show, shownAfterMs));
      return;
    }
    clearTimeout(this.#timers.get(activity));
    this.#timers.delete(activity);
    if (this.#lasting.delete(activity)) this.#onChange();
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#lasting.clear();
  }
}

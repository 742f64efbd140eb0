import { element } from "./dom";

export interface SliderOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  /** The value in words, for those who see it and those who hear it. */
  readonly describe: (value: number) => string;
  readonly onChange: (value: number) => void;
}

/** A labeled slider with its value beside it. */
export class Slider {
  readonly #options: SliderOptions;
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #output: HTMLElement;

  constructor(options: SliderOptions) {
    this.#options = options;
    const { label, min, max, step, value, onChange } = options;
    this.#input = element("input", { type: "range", "aria-label": label, min, max, step, value });
    this.#output = element("span", { class: "figure", "aria-hidden": "true" });
    this.#input.addEventListener("input", () => {
      this.#describe();
      onChange(this.value);
    });
    this.element = element("label", { class: "slider" }, element("span", {}, label), this.#input, this.#output);
    this.#describe();
  }

  get value(): number {
    return this.#input.valueAsNumber;
  }

  set value(value: number) {
    this.#input.valueAsNumber = value;
    this.#describe();
  }

  #describe(): void {
    const text = this.#options.describe(this.value);
    this.#output.textContent = text;
    this.#input.setAttribute("aria-valuetext", text);
  }
}

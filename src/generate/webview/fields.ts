import { element } from "../../diagnostics/webview/dom";

/** A labeled part of the form that has a value. */
export interface Field<T> {
  readonly element: HTMLElement;
  value: T;
}

export interface NumberOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** `any` for every number between. */
  readonly step: number | "any";
  /** What the value means. */
  readonly hint?: string;
}

/** A number. The browser says what is wrong with it before the form is sent. */
export function numberField({ label, min, max, step, hint }: NumberOptions): Field<number> {
  const input = element("input", { type: "number", min, max, step, required: true, title: hint });
  return {
    element: element("label", { class: "field" }, element("span", { title: hint }, label), input),
    get value() {
      return input.valueAsNumber;
    },
    set value(value: number) {
      if (input.valueAsNumber !== value) input.valueAsNumber = value;
    },
  };
}

/** A whole number that may be left out. */
export function optionalNumberField(
  { label, min, max, hint }: NumberOptions,
  placeholder: string,
): Field<number | null> {
  const input = element("input", { type: "number", min, max, step: 1, title: hint, placeholder });
  return {
    element: element("label", { class: "field" }, element("span", { title: hint }, label), input),
    get value() {
      return input.value === "" ? null : input.valueAsNumber;
    },
    set value(value: number | null) {
      const text = value === null ? "" : String(value);
      if (input.value !== text) input.value = text;
    },
  };
}

/** A text, which may be one that does not do. */
export interface TextField extends Field<string> {
  /** Says what is wrong with the text: the form is not sent before that is mended. Undefined: nothing. */
  showProblem(problem: string | undefined): void;
}

/** A text of one or more lines. */
export function textField(label: string, rows: number, placeholder: string, hint?: string): TextField {
  const attributes = { spellcheck: "false", placeholder, title: hint };
  const input =
    rows > 1 ? element("textarea", { rows, ...attributes }) : element("input", { type: "text", ...attributes });
  return {
    element: element("label", { class: "field wide-field" }, element("span", { title: hint }, label), input),
    get value() {
      return input.value;
    },
    set value(value: string) {
      // Setting it moves the cursor to the end.
      if (input.value !== value) input.value = value;
    },
    showProblem(problem) {
      input.setCustomValidity(problem ?? "");
    },
  };
}

/** A choice. */
export function choiceField<T extends string>(label: string, choices: Readonly<Record<T, string>>): Field<T> {
  const options = Object.entries<string>(choices).map(([value, title]) => element("option", { value }, title));
  const select = element("select", { "aria-label": label }, ...options);
  return {
    element: element("label", { class: "field" }, element("span", {}, label), select),
    get value() {
      return select.value as T;
    },
    set value(value: T) {
      select.value = value;
    },
  };
}

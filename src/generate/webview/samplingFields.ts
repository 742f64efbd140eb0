import { action, element, replaceContent } from "../../diagnostics/webview/dom";
import { l10n } from "../../diagnostics/webview/l10n";
import type { FormSampling } from "../form";
import type { Preset } from "../presets";
import { type Field, numberField } from "./fields";

/** The names of the built-in presets. */
const presetNames: Readonly<Record<string, string>> = {
  settings: l10n.t("Your settings"),
  greedy: l10n.t("Greedy"),
  careful: l10n.t("Careful"),
  balanced: l10n.t("Balanced"),
  inventive: l10n.t("Inventive"),
  withoutRepetition: l10n.t("Without repetition"),
  mirostat: l10n.t("Mirostat"),
};

const fieldsInOrder: Readonly<Record<keyof FormSampling, () => Field<number>>> = {
  temperature: () =>
    numberField({
      ...{ label: l10n.t("Temperature"), min: 0, max: 10, step: "any" },
      hint: l10n.t("0: the likeliest token, always."),
    }),
  topK: () => numberField({ label: l10n.t("Top-k"), min: 0, max: 100_000, step: 1, hint: l10n.t("0: all tokens.") }),
  topP: () => numberField({ label: l10n.t("Top-p"), min: 0, max: 1, step: "any", hint: l10n.t("1: all tokens.") }),
  minP: () => numberField({ label: l10n.t("Min-p"), min: 0, max: 1, step: "any", hint: l10n.t("0: all tokens.") }),
  typicalP: () =>
    numberField({ label: l10n.t("Typical-p"), min: 0, max: 1, step: "any", hint: l10n.t("1: all tokens.") }),
  repetitionPenalty: () =>
    numberField({
      ...{ label: l10n.t("Repetition penalty"), min: 0.01, max: 10, step: "any" },
      hint: l10n.t("Of tokens in the prompt and the text. 1: off."),
    }),
  frequencyPenalty: () =>
    numberField({
      ...{ label: l10n.t("Frequency penalty"), min: -10, max: 10, step: "any" },
      hint: l10n.t("For each time that the text has the token. 0: off."),
    }),
  presencePenalty: () =>
    numberField({
      ...{ label: l10n.t("Presence penalty"), min: -10, max: 10, step: "any" },
      hint: l10n.t("If the text has the token. 0: off."),
    }),
  dry: () =>
    numberField({
      ...{ label: l10n.t("DRY"), min: 0, max: 10, step: "any" },
      hint: l10n.t("Makes it less likely that a repetition goes on. 0: off."),
    }),
  mirostat: () =>
    numberField({
      ...{ label: l10n.t("Mirostat"), min: 0, max: 20, step: "any" },
      hint: l10n.t("Keeps the surprise of the tokens near so many bits. 0: off."),
    }),
};

/** The sampler settings, and presets to choose them by. */
export class SamplingFields {
  /** The choice of a preset; it stands in the form's first row. */
  readonly presetElement: HTMLElement;
  readonly element: HTMLElement;
  readonly #select = element("select", { "aria-label": l10n.t("Sampling") });
  readonly #fields: Readonly<Record<string, Field<number>>>;
  #presets: readonly Preset[] = [];

  /**
   * @param onChange called when a preset was chosen
   * @param onSave called when the settings are to be kept as a preset
   */
  constructor(onChange: () => void, onSave: () => void) {
    this.#fields = Object.fromEntries(Object.entries(fieldsInOrder).map(([key, make]) => [key, make()]));
    this.#select.addEventListener("change", () => {
      const chosen = this.#presets[Number(this.#select.value)];
      if (!chosen) return;
      this.value = chosen.sampling;
      onChange();
    });
    this.presetElement = element("label", { class: "field" }, element("span", {}, l10n.t("Sampling")), this.#select);
    this.element = element(
      "fieldset",
      { class: "fields" },
      element("legend", {}, l10n.t("Sampling")),
      ...Object.values(this.#fields).map((field) => field.element),
      action(l10n.t("Save as Preset…"), onSave),
    );
    this.element.addEventListener("input", () => this.#showPreset());
  }

  get value(): FormSampling {
    return Object.fromEntries(Object.entries(this.#fields).map(([key, field]) => [key, field.value])) as Record<
      keyof FormSampling,
      number
    >;
  }

  set value(sampling: FormSampling) {
    for (const [key, field] of Object.entries(this.#fields)) field.value = sampling[key as keyof FormSampling];
    this.#showPreset();
  }

  set presets(presets: readonly Preset[]) {
    this.#presets = presets;
    const options = presets.map(({ name, own }, i) =>
      element("option", { value: i }, own ? name : (presetNames[name] ?? name)),
    );
    replaceContent(this.#select, element("option", { value: "", hidden: true }, l10n.t("Custom")), ...options);
    this.#showPreset();
  }

  /** Selects the preset that the settings are, if they are one. */
  #showPreset(): void {
    const own = this.value;
    const same = ({ sampling }: Preset) =>
      Object.entries(sampling).every(([key, value]) => own[key as keyof FormSampling] === value);
    const selected = this.#presets[Number(this.#select.value || -1)];
    // Several presets may be the same: the chosen one stays.
    if (selected && same(selected)) return;
    const index = this.#presets.findIndex(same);
    this.#select.value = index < 0 ? "" : String(index);
  }
}

import { action, element, note, replaceContent } from "../../diagnostics/webview/dom";
import { l10n } from "../../diagnostics/webview/l10n";
import { defaultForm, type GenerateForm, maxTexts } from "../form";
import type { ModelView, ToHost } from "../protocol";
import type { Preset } from "../presets";
import { adapterField } from "./adapterField";
import { choiceField, numberField, optionalNumberField, textField } from "./fields";
import { SamplingFields } from "./samplingFields";

/** Milliseconds after the last change until the form is kept. */
const restMs = 300;

/** What to say where the text must match something that was left empty. */
const missing: Readonly<Record<GenerateForm["match"], string | undefined>> = {
  nothing: undefined,
  regex: l10n.t("Enter the regular expression that the text must match."),
  jsonSchema: l10n.t("Enter the JSON schema that the text must match."),
};

/** What to write, and how. */
export class FormSection {
  readonly element: HTMLFormElement;
  readonly #post: (message: ToHost) => void;
  readonly #model = element("span");
  readonly #problem = element("div", { role: "alert" });
  readonly #cancel: HTMLButtonElement;
  readonly #sampling = new SamplingFields(
    () => this.#changed(),
    () => this.#post({ kind: "savePreset", form: this.form }),
  );
  readonly #fields = makeFields();
  #languageId = defaultForm.languageId;
  readonly #adapter = adapterField(() => {
    this.#changed();
    this.focus();
  });
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(post: (message: ToHost) => void, isOpen: boolean, onToggle: (open: boolean) => void) {
    this.#post = post;
    this.#cancel = action(l10n.t("Cancel"), () => post({ kind: "cancel" }));
    this.#cancel.disabled = true;
    const submit = element("button", { type: "submit", class: "action primary" }, l10n.t("Generate"));
    const more = this.#more(isOpen);
    more.addEventListener("toggle", () => onToggle(more.open));
    const { prompt, maxTokens, texts } = this.#fields;
    this.element = element(
      "form",
      { class: "generate" },
      prompt.element,
      element(
        "div",
        { class: "fields" },
        maxTokens.element,
        texts.element,
        this.#sampling.presetElement,
        element("div", { class: "field" }, element("span", {}, l10n.t("Model")), this.#modelLine()),
        this.#adapter.element,
      ),
      more,
      element(
        "div",
        { class: "actions" },
        submit,
        this.#cancel,
        action(l10n.t("Use Selection"), () => post({ kind: "useSelection" })),
      ),
      this.#problem,
    );
    this.#listen();
  }

  get form(): GenerateForm {
    const { prompt, header, maxTokens, texts, seed, stops, pattern, beams, lengthPenalty } = this.#fields;
    const { maxSeconds, contextEnd } = this.#fields;
    return {
      ...{
        prompt: prompt.value,
        header: withLineEnd(header.value),
        languageId: this.#languageId,
        adapter: this.#adapter.value,
      },
      ...{ maxTokens: maxTokens.value, texts: texts.value, sampling: this.#sampling.value, seed: seed.value },
      ...{ stops: stops.value, match: this.#match, pattern: pattern.value, beams: beams.value },
      ...{ lengthPenalty: lengthPenalty.value, maxSeconds: maxSeconds.value, contextEnd: contextEnd.value },
    };
  }

  set form(form: GenerateForm) {
    const { sampling, languageId, adapter, header, ...rest } = form;
    this.#languageId = languageId;
    this.#adapter.value = adapter;
    this.#sampling.value = sampling;
    this.#fields.header.value = header.replace(/\n$/, "");
    const fields: { readonly [K in keyof typeof rest]: { value: (typeof rest)[K] } } = this.#fields;
    const set = <K extends keyof typeof rest>(key: K) => (fields[key].value = rest[key]);
    for (const key of Object.keys(fields)) if (key in rest) set(key as keyof typeof rest);
    this.#showMatch();
  }

  set presets(presets: readonly Preset[]) {
    this.#sampling.presets = presets;
  }

  set model({ name, constraints, beams }: ModelView) {
    this.#model.textContent = name ?? l10n.t("not loaded yet");
    this.#fields.match.element.hidden = !constraints;
    this.#fields.beams.element.hidden = this.#fields.lengthPenalty.element.hidden = !beams;
    this.#showMatch();
  }

  /** Shows whether texts are being written, and what went wrong with the last ones. */
  showRun(running: boolean, problem: string | undefined): void {
    this.#cancel.disabled = !running;
    replaceContent(this.#problem, ...(problem === undefined ? [] : [note(problem, "failure")]));
  }

  focus(): void {
    this.#fields.prompt.element.querySelector("textarea")?.focus();
  }

  /** What the text must match. A model that cannot heed it is not asked to: the choice is hidden, so nobody could take it back. */
  get #match(): GenerateForm["match"] {
    const { match } = this.#fields;
    return match.element.hidden ? "nothing" : match.value;
  }

  #listen(): void {
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(this.#timer);
      this.#post({ kind: "generate", form: this.form });
    });
    this.element.addEventListener("input", () => this.#changed());
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.element.requestSubmit();
    });
    // A field that is wrong may be in the part that is closed: the browser cannot point at it there.
    this.element.addEventListener(
      "invalid",
      ({ target }) => {
        const details = target instanceof Element ? target.closest("details") : null;
        if (details) details.open = true;
      },
      true,
    );
  }

  #changed(): void {
    this.#showMatch();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.element.checkValidity()) this.#post({ kind: "form", form: this.form });
    }, restMs);
  }

  /** Asks for an expression or a schema where the text must match one. */
  #showMatch(): void {
    const { pattern } = this.#fields;
    const wanted = this.#match;
    pattern.element.hidden = wanted === "nothing";
    pattern.showProblem(pattern.value.trim() === "" ? missing[wanted] : undefined);
  }

  #modelLine(): HTMLElement {
    const select = action(l10n.t("Select Model…"), () => this.#post({ kind: "selectModel" }));
    return element("div", { class: "model" }, this.#model, select);
  }

  #more(open: boolean): HTMLDetailsElement {
    const { seed, maxSeconds, contextEnd, beams, lengthPenalty, header, stops, match, pattern } = this.#fields;
    const rest = [seed, maxSeconds, contextEnd, beams, lengthPenalty, match, pattern, header, stops];
    return element(
      "details",
      { class: "more", open },
      element("summary", {}, l10n.t("More settings")),
      this.#sampling.element,
      element(
        "fieldset",
        { class: "fields" },
        element("legend", {}, l10n.t("Text")),
        ...rest.map((field) => field.element),
      ),
    );
  }
}

function makeFields() {
  return {
    prompt: textField(l10n.t("Prompt"), 6, l10n.t("The text to continue. Leave it empty to start from nothing.")),
    header: textField(
      ...([l10n.t("First line"), 1, "// src/cart.ts"] as const),
      l10n.t("Read by the model before the prompt, and no part of the text: a comment with the path of the file."),
    ),
    maxTokens: numberField({ label: l10n.t("Tokens"), min: 1, max: 100_000, step: 1 }),
    texts: numberField({ label: l10n.t("Texts"), min: 1, max: maxTexts, step: 1 }),
    seed: optionalNumberField(
      {
        ...{ label: l10n.t("Seed"), min: 0, max: 2 ** 32 - 1, step: 1 },
        hint: l10n.t("The same seed, model and settings give the same text."),
      },
      l10n.t("random"),
    ),
    stops: textField(
      ...([l10n.t("Stop strings"), 2, ""] as const),
      l10n.t("One a line. They end a text and are no part of it. \\n stands for a line break, \\t for a tab."),
    ),
    match: choiceField(l10n.t("Must match"), {
      nothing: l10n.t("Nothing"),
      regex: l10n.t("Regular expression"),
      jsonSchema: l10n.t("JSON schema"),
    }),
    pattern: textField(l10n.t("Expression or schema"), 3, ""),
    beams: numberField({
      ...{ label: l10n.t("Beams"), min: 1, max: 16, step: 1 },
      hint: l10n.t("Above 1, the likeliest texts are looked for, and none is drawn."),
    }),
    lengthPenalty: numberField({
      ...{ label: l10n.t("Length penalty"), min: -10, max: 10, step: "any" },
      hint: l10n.t("Of beams: above 0 favors long texts."),
    }),
    maxSeconds: numberField({
      ...{ label: l10n.t("Seconds"), min: 0, max: 86_400, step: "any" },
      hint: l10n.t("The time that all of it may take. 0: no limit."),
    }),
    contextEnd: choiceField(l10n.t("At the end of the context"), {
      move: l10n.t("Forget the beginning"),
      rotate: l10n.t("Forget all but the first tokens"),
      stop: l10n.t("Stop"),
    }),
  };
}

function withLineEnd(line: string): string {
  return line === "" ? "" : `${line}\n`;
}

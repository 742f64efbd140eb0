/** The form of GPT-2: Generate…, as plain data for the host and for the page. */

/** The sampler settings of the form. */
export interface FormSampling {
  /** 0: the likeliest token, always. */
  readonly temperature: number;
  /** 0: all tokens. */
  readonly topK: number;
  /** 1: all tokens. */
  readonly topP: number;
  /** 0: all tokens. */
  readonly minP: number;
  /** 1: all tokens. */
  readonly typicalP: number;
  /** 1: off. */
  readonly repetitionPenalty: number;
  /** 0: off. */
  readonly frequencyPenalty: number;
  /** 0: off. */
  readonly presencePenalty: number;
  /** DRY's multiplier; 0: off. */
  readonly dry: number;
  /** Mirostat's target in bits; 0: off. */
  readonly mirostat: number;
}

/** What a person asks for in the form. */
export interface GenerateForm {
  /** The text to continue; lines end in `\n`. */
  readonly prompt: string;
  /** What the model reads before the prompt, such as a comment line with a path. */
  readonly header: string;
  /** The language of a new editor for a text. */
  readonly languageId: string;
  /** The LoRA adapter of the document that the prompt is from; empty for none. */
  readonly adapter: string;
  readonly maxTokens: number;
  /** How many texts to write. */
  readonly texts: number;
  readonly sampling: FormSampling;
  /** Of the first text; the others have the next ones. Null: a new one each time. */
  readonly seed: number | null;
  /** One stop string a line; `\n`, `\t` and `\\` are escapes. */
  readonly stops: string;
  readonly match: "nothing" | "regex" | "jsonSchema";
  /** The regular expression or the JSON schema. */
  readonly pattern: string;
  /** 1: texts are drawn. */
  readonly beams: number;
  readonly lengthPenalty: number;
  /** 0: no limit. */
  readonly maxSeconds: number;
  /** What happens at the end of the model's context. */
  readonly contextEnd: "move" | "rotate" | "stop";
}

/** The most texts at once. */
export const maxTexts = 16;

export const defaultSampling: FormSampling = {
  ...{ temperature: 0.8, topK: 40, topP: 0.95, minP: 0, typicalP: 1 },
  ...{ repetitionPenalty: 1, frequencyPenalty: 0, presencePenalty: 0, dry: 0, mirostat: 0 },
};

export const defaultForm: GenerateForm = {
  ...{ prompt: "", header: "", languageId: "plaintext", adapter: "", maxTokens: 200, texts: 1 },
  ...{ sampling: defaultSampling, seed: null, stops: "", match: "nothing", pattern: "", beams: 1, lengthPenalty: 1 },
  ...{ maxSeconds: 0, contextEnd: "move" },
};

/** The form with what is missing in a stored one, which may be from another version. Parts of the wrong kind are left out. */
export function completeForm(stored: unknown, defaults: GenerateForm = defaultForm): GenerateForm {
  const { sampling, ...rest } = sameKinds(stored, defaults);
  return { ...defaults, ...rest, sampling: { ...defaults.sampling, ...sameKinds(sampling, defaults.sampling) } };
}

/** The properties that a value has in common with an object, by name and by kind. */
export function sameKinds<T extends object>(value: unknown, model: T): Partial<T> {
  if (typeof value !== "object" || value === null) return {};
  const known = Object.entries(value).filter(([key, part]) => {
    if (!Object.hasOwn(model, key)) return false;
    const expected = model[key as keyof T];
    return typeof part === typeof expected || (key === "seed" && (part === null || typeof part === "number"));
  });
  return Object.fromEntries(known) as Partial<T>;
}

/** What of the form is the person's text, and what is a setting to keep. */
export function settingsOf(form: GenerateForm): GenerateForm {
  return { ...form, prompt: "", header: "", adapter: "" };
}

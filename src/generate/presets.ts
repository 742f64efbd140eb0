import { defaultSampling, type FormSampling, sameKinds } from "./form";

/** Sampler settings with a name. */
export interface Preset {
  /** The key of a name in the page's language, or the person's own name for it. */
  readonly name: string;
  readonly sampling: FormSampling;
  /** Whether it is in the settings, and not built in. */
  readonly own: boolean;
}

/** What all of the built-in presets have unless they say otherwise: nothing is filtered or punished. */
const plain: FormSampling = { ...defaultSampling, temperature: 1, topK: 0, topP: 1 };

/** The built-in presets. Their names are translated in the page. */
export const builtInPresets = {
  greedy: { ...plain, temperature: 0 },
  careful: { ...plain, temperature: 0.4, topP: 0.9 },
  balanced: defaultSampling,
  inventive: { ...plain, temperature: 1.1, minP: 0.05 },
  withoutRepetition: { ...defaultSampling, repetitionPenalty: 1.1, dry: 0.8 },
  mirostat: { ...plain, mirostat: 5 },
} as const satisfies Readonly<Record<string, FormSampling>>;

/** @param settings the value of the setting `gpt2.generate.presets`; what is not as it should be is left out */
export function presetsWith(settings: unknown): Preset[] {
  const builtIn = Object.entries(builtInPresets).map(([name, sampling]) => ({ name, sampling, own: false }));
  const own = Object.entries(typeof settings === "object" && settings !== null ? settings : {});
  return [
    ...builtIn,
    ...own.map(([name, sampling]) => ({ name, sampling: { ...plain, ...sameKinds(sampling, plain) }, own: true })),
  ];
}

/** A preset as the settings hold it: only what differs from sampling without any filter. */
export function presetSetting(sampling: FormSampling): Partial<FormSampling> {
  return Object.fromEntries(
    Object.entries(sampling).filter(([key, value]) => value !== plain[key as keyof FormSampling]),
  );
}

import { completeForm, type GenerateForm, sameKinds, settingsOf } from "./form";
import type { Store } from "./history";

/** Where the form is kept between sessions. */
export interface FormStores {
  /** For settings. */
  readonly global: Store;
  /** For the prompt. */
  readonly workspace: Store;
  /** Whether the prompt may be kept. */
  readonly keepsPrompt: () => boolean;
}

const settingsKey = "gpt2.generate.form";
const promptKey = "gpt2.generate.prompt";
const noPrompt = { prompt: "", header: "", languageId: "plaintext", adapter: "" };

/** The form as the person left it: settings everywhere, the prompt in its workspace, and only while there is a history. */
export class FormMemory {
  readonly #stores: FormStores;

  constructor(stores: FormStores) {
    this.#stores = stores;
  }

  /** @param defaults the form where nothing was kept */
  read(defaults: GenerateForm): GenerateForm {
    const { global, workspace, keepsPrompt } = this.#stores;
    const form = completeForm(global.get(settingsKey), defaults);
    return { ...form, ...noPrompt, ...(keepsPrompt() ? sameKinds(workspace.get(promptKey), noPrompt) : {}) };
  }

  async write(form: GenerateForm): Promise<void> {
    const { global, workspace, keepsPrompt } = this.#stores;
    const { prompt, header, languageId, adapter } = form;
    await global.update(settingsKey, settingsOf(form));
    await workspace.update(promptKey, keepsPrompt() ? { prompt, header, languageId, adapter } : undefined);
  }

  /** Forgets the prompt if it may no longer be kept. */
  async settingChanged(): Promise<void> {
    const { workspace, keepsPrompt } = this.#stores;
    if (!keepsPrompt() && workspace.get(promptKey) !== undefined) await workspace.update(promptKey, undefined);
  }
}

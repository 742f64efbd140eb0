import type { MachineDescription, OpenOptions } from "../../engine/protocol";
import type { BackendSpeed } from "../../gpt2/backends/speed";
import type { Gpt2Config } from "../../gpt2/config/config";
import type { BackendId } from "../../gpt2/languageModel";

/** Where choices are kept; the editor's `Memento` is one. */
export interface ChoiceMemory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** What a measurement depends on, besides the version of the extension. When any of it changes, it is out of date. */
export interface Circumstances {
  readonly machine: MachineDescription;
  readonly config: Gpt2Config;
}

/** A backend that was chosen because it was measured to be faster. */
export interface BackendDecision {
  readonly backend: BackendId;
  /** In order of preference. */
  readonly speeds: readonly BackendSpeed[];
  /** Milliseconds since 1970. */
  readonly measuredAt: number;
}

interface Remembered extends BackendDecision {
  readonly version: string;
  readonly circumstances: string;
}

type Stored = Readonly<Record<string, Remembered>>;

const memoryKey = "backendChoices";
/** Models whose choices are kept: the ones that were measured last. */
const mostModels = 20;

/** The choices of earlier sessions, one for each model and way to run it. */
export class RememberedChoices {
  readonly #memory: ChoiceMemory;
  readonly #version: string;

  /** @param version of the extension: what another one measured does not count */
  constructor(memory: ChoiceMemory, version: string) {
    this.#memory = memory;
    this.#version = version;
  }

  /** What was chosen for a model, before it is known whether the machine is still the same. */
  find(model: string): BackendDecision | undefined {
    const found = this.#stored[model];
    return found?.version === this.#version ? decisionOf(found) : undefined;
  }

  /** What was chosen for a model, if nothing has changed that it depends on. */
  findFor(model: string, circumstances: Circumstances): BackendDecision | undefined {
    const found = this.#stored[model];
    return found?.circumstances === this.#keyOf(circumstances) ? decisionOf(found) : undefined;
  }

  async remember(model: string, circumstances: Circumstances, decision: BackendDecision): Promise<void> {
    const others = Object.entries(this.#stored).filter(([other]) => other !== model);
    const newest = others.sort(([, a], [, b]) => b.measuredAt - a.measuredAt).slice(0, mostModels - 1);
    const entry = { ...decision, version: this.#version, circumstances: this.#keyOf(circumstances) };
    await this.#memory.update(memoryKey, Object.fromEntries([[model, entry], ...newest]));
  }

  async forget(model: string): Promise<void> {
    const others = Object.entries(this.#stored).filter(([other]) => other !== model);
    if (others.length < Object.keys(this.#stored).length)
      await this.#memory.update(memoryKey, Object.fromEntries(others));
  }

  get #stored(): Stored {
    return (this.#memory.get(memoryKey) as Stored | undefined) ?? {};
  }

  #keyOf({ machine, config }: Circumstances): string {
    const { layers, width, vocabSize } = config;
    const devices = machine.backends.map(({ id, device }) => [id, device?.name]);
    return JSON.stringify([this.#version, machine.processor, devices, layers, width, vocabSize]);
  }
}

/** The name of a model and of the way to run it. */
export function modelKey({ location, precision, threads }: OpenOptions): string {
  return JSON.stringify([location.kind === "path" ? location.path : location.name, precision, threads]);
}

function decisionOf({ backend, speeds, measuredAt }: Remembered): BackendDecision {
  return { backend, speeds, measuredAt };
}

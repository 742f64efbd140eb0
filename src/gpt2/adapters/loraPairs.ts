import { ModelFileError } from "../../formats/errors";
import { printable } from "../../formats/printable";
import type { TensorFile, TensorInfo } from "../../formats/tensorFile";
import type { Gpt2Config } from "../config/config";
import { ggufArchitecture } from "../config/ggufConfig";
import { ggufName } from "../weights/tensorNames";
import { type AdaptedTensor, adaptedTensors } from "./adaptedTensors";
import { parsePeftConfig } from "./peftConfig";

/** The two matrices of a module in an adapter's file. */
export interface LoraPair {
  readonly module: string;
  readonly adapted: AdaptedTensor;
  /** `[rank, from]`. */
  readonly a: TensorInfo;
  /** `[to, rank]`. */
  readonly b: TensorInfo;
  readonly rank: number;
  /** Factor of B·A. */
  readonly scale: number;
}

/** `base_model.model.transformer.h.0.attn.c_attn.lora_A.weight`; some programs leave the adapter's own name in: `lora_A.default.weight`. */
const peftName = /^(?:base_model\.model\.)?(.+)\.lora_(embedding_)?([AB])(?:\.\w+)?(?:\.weight)?$/;
/** A module of a GPT-2 without what stands before it. */
const moduleName = /(?:^|\.)(h\.\d+\.(?:attn|mlp)\.c_\w+|wte|wpe|lm_head)$/;

const adaptable = "c_attn, c_proj, c_fc, wte, wpe and lm_head";

/**
 * The pairs of a PEFT adapter.
 * @param configBytes its `adapter_config.json`
 * @throws ModelFileError naming the tensor that is unknown, missing, or has a wrong shape, or what the config asks for in vain
 */
export function peftPairs(file: TensorFile, configBytes: Uint8Array, config: Gpt2Config): readonly LoraPair[] {
  const settingsOf = parsePeftConfig(configBytes);
  const collector = new PairCollector(file, config);
  for (const tensor of file.tensors.values()) {
    const [, path = "", embedding, side = ""] = peftName.exec(tensor.name) ?? [];
    const [, module] = moduleName.exec(path) ?? [];
    if (module === undefined) throw collector.unknown(tensor);
    collector.add(module, side, tensor, embedding !== undefined, () => settingsOf(path));
  }
  return collector.pairs();
}

/**
 * The pairs of an adapter in GGUF, as llama.cpp's `convert_lora_to_gguf.py` writes them.
 * @throws ModelFileError as {@link peftPairs}
 */
export function ggufPairs(file: TensorFile, config: Gpt2Config): readonly LoraPair[] {
  const name = file.sources[0]?.name ?? "The adapter";
  const { metadata, tensors } = file;
  const kind = metadata.get("adapter.type");
  if (metadata.get("general.type") !== "adapter" || kind !== "lora") {
    throw new ModelFileError(`${name} is no LoRA adapter: its general.type and adapter.type do not say so.`);
  }
  const architecture = metadata.get("general.architecture");
  if (architecture !== ggufArchitecture(config)) {
    throw new ModelFileError(
      `${name} cannot be used: it is for a ${JSON.stringify(architecture)} model, not for this one.`,
    );
  }
  const alpha = metadata.get("adapter.lora.alpha") ?? 0;
  if (typeof alpha !== "number" || !Number.isFinite(alpha)) {
    throw new ModelFileError(`${name} cannot be used: its adapter.lora.alpha is not a number.`);
  }
  const modules = new Map(Array.from(adaptedTensors(config), ([module, { name }]) => [ggufName(name), module]));
  const collector = new PairCollector(file, config);
  for (const tensor of tensors.values()) {
    const [, path = "", side = ""] = /^(.+)\.lora_([ab])$/.exec(tensor.name) ?? [];
    const module = modules.get(path);
    // llama.cpp turns the matrices of an embedding in its own way.
    if (module === undefined || module === "wte" || module === "wpe") throw collector.unknown(tensor);
    const rank = (side === "a" ? tensor.shape[0] : tensor.shape[1]) ?? 0;
    collector.add(module, side.toUpperCase(), tensor, false, () => ({ rank, scale: alpha === 0 ? 1 : alpha / rank }));
  }
  return collector.pairs();
}

class PairCollector {
  readonly #file: TensorFile;
  readonly #adapted: ReadonlyMap<string, AdaptedTensor>;
  readonly #found = new Map<string, Partial<LoraPair> & Pick<LoraPair, "module" | "adapted" | "rank" | "scale">>();

  constructor(file: TensorFile, config: Gpt2Config) {
    this.#file = file;
    this.#adapted = adaptedTensors(config);
  }

  unknown({ name }: TensorInfo): ModelFileError {
    return this.#refusal(`its tensor ${printable(name)} is not known. LoRA matrices of ${adaptable} can be used`);
  }

  add(
    module: string,
    side: string,
    tensor: TensorInfo,
    isEmbedding: boolean,
    settings: () => Pick<LoraPair, "rank" | "scale">,
  ): void {
    const adapted = this.#adapted.get(module);
    if (adapted === undefined) {
      throw this.#refusal(
        `it changes ${printable(module)}, which the model does not have. It belongs to another model`,
      );
    }
    if (adapted.isEmbedding !== isEmbedding) throw this.unknown(tensor);
    const { rank, scale } = settings();
    const wanted = side === "A" ? [rank, adapted.from] : [adapted.to, rank];
    if (rank < 1 || tensor.shape.join() !== wanted.join()) {
      throw this.#refusal(
        `its tensor ${printable(tensor.name)} has the shape [${tensor.shape.join(", ")}], but the model and the adapter's rank ask for ` +
          `[${wanted.join(", ")}]. It belongs to another model, or is damaged`,
      );
    }
    if (!this.#file.canRead(tensor.name)) {
      throw this.#refusal(`its tensor ${printable(tensor.name)} is stored as ${tensor.type}, which cannot be read`);
    }
    const pair = this.#found.get(module) ?? { module, adapted, rank, scale };
    const key = side === "A" ? "a" : "b";
    if (pair[key] !== undefined) throw this.#refusal(`it holds two ${side} matrices for ${module}`);
    this.#found.set(module, { ...pair, [key]: tensor });
  }

  pairs(): readonly LoraPair[] {
    if (this.#found.size === 0) throw this.#refusal("it holds no LoRA matrices");
    return Array.from(this.#found.values(), ({ a, b, ...pair }) => {
      if (a === undefined || b === undefined) {
        throw this.#refusal(`it lacks the ${a === undefined ? "A" : "B"} matrix of ${pair.module}`);
      }
      if (a.shape[0] !== b.shape[1]) throw this.#refusal(`the ranks of A and B of ${pair.module} differ`);
      return { ...pair, a, b };
    });
  }

  #refusal(problem: string): ModelFileError {
    return new ModelFileError(`${this.#file.sources[0]?.name ?? "The adapter"} cannot be used: ${problem}.`);
  }
}

import { ModelFileError } from "../../formats/errors";
import { isJsonObject, type JsonObject, parseJsonObject } from "../../formats/json";

/** PEFT's name of the file. */
export const peftConfigFile = "adapter_config.json";

const limits = { bytes: 1 << 20, values: 10_000 };
/** Far above what anybody trains. */
const largestRank = 4096;

/** What `adapter_config.json` says about the update of a module. */
export interface ModuleSettings {
  readonly rank: number;
  /** Factor of B·A. */
  readonly scale: number;
}

/**
 * Reads PEFT's `adapter_config.json`. `fan_in_fan_out` says how the adapted layer stores its own weight; A is `[r, in]` and B `[out, r]` either
 * way, so it makes no difference here.
 * @returns the settings of a module by its name, such as `transformer.h.0.attn.c_attn`
 * @throws ModelFileError when it is no LoRA adapter, asks for something that cannot be done, or has a value that makes no sense
 */
export function parsePeftConfig(bytes: Uint8Array): (module: string) => ModuleSettings {
  const json = parseJsonObject(bytes, peftConfigFile, limits);
  const problem = unsupported(json);
  if (problem !== undefined) throw refusal(problem);
  const rank = rankOf(json["r"], "r");
  const alpha = numberOf(json["lora_alpha"], "lora_alpha");
  const rankPattern = patternOf(json, "rank_pattern");
  const alphaPattern = patternOf(json, "alpha_pattern");
  const rootScale = json["use_rslora"] === true;
  return (module) => {
    const ranked = matching(rankPattern, module);
    const own = ranked === undefined ? rank : rankOf(ranked, "rank_pattern");
    const scaled = matching(alphaPattern, module);
    const ownAlpha = scaled === undefined ? alpha : numberOf(scaled, "alpha_pattern");
    return { rank: own, scale: ownAlpha / (rootScale ? Math.sqrt(own) : own) };
  };
}

/** Options that change what is computed, with the values that mean that they are not used. */
const unused: Readonly<Record<string, readonly unknown[]>> = {
  use_dora: [false],
  use_qalora: [false],
  use_bdlora: [false],
  lora_bias: [false],
  bias: ["none"],
  modules_to_save: [],
  trainable_token_indices: [],
  layer_replication: [],
  target_parameters: [],
  alora_invocation_tokens: [],
  // PiSSA, OLoRA, CorDA and LoftQ also change the model's own weights, which the adapter's files do not hold.
  init_lora_weights: [true, false, "gaussian", "eva", "orthogonal"],
};

/** What the config asks for that cannot be done. */
function unsupported(json: JsonObject): string | undefined {
  const type = json["peft_type"];
  if (type !== "LORA") return `its peft_type is ${shown(type)}; only "LORA" adapters can be used`;
  for (const [key, values] of Object.entries(unused)) {
    const value = json[key];
    const isEmpty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
    if (!isEmpty && !values.includes(value)) return `it uses ${key} (${shown(value)}), which is not supported`;
  }
  return undefined;
}

function patternOf(json: JsonObject, key: string): ReadonlyMap<string, unknown> {
  const value = json[key] ?? {};
  if (!isJsonObject(value)) throw refusal(`its ${key} is not an object`);
  for (const pattern of Object.keys(value)) {
    // PEFT takes regular expressions here and writes names. Those of a stranger are not run.
    if (!/^\^?[\w.]+$/.test(pattern))
      throw refusal(`its ${key} has the pattern ${shown(pattern)}; only names are supported`);
  }
  return new Map(Object.entries(value));
}

/** The value of the first pattern that is the module's name, or the end of it after a dot. With `^` it is the whole name. */
function matching(patterns: ReadonlyMap<string, unknown>, module: string): unknown {
  for (const [pattern, value] of patterns) {
    const name = pattern.replace(/^\^/, "");
    if (module === name || (name === pattern && module.endsWith(`.${name}`))) return value;
  }
  return undefined;
}

function rankOf(value: unknown, key: string): number {
  const rank = numberOf(value, key);
  if (Number.isInteger(rank) && rank >= 1 && rank <= largestRank) return rank;
  throw refusal(`its ${key} is ${rank}, which is no rank`);
}

function numberOf(value: unknown, key: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw refusal(`its ${key} is ${shown(value)}, not a number`);
}

function shown(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value).slice(0, 80);
}

function refusal(problem: string): ModelFileError {
  return new ModelFileError(`The adapter cannot be used: ${peftConfigFile}: ${problem}.`);
}

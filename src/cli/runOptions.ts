import type { SamplingOptions } from "../generation/request";
import type { BackendChoice } from "../gpt2/backends/backend";
import type { Precision } from "../gpt2/languageModel";
import { samplingOptions } from "./samplingOptions";
import { isSet, oneOf, optionalWholeNumber, string, type Values, wholeNumber } from "./values";

/** Environment variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Options of opening a model. */
export interface ModelOptions {
  /** A file or folder; undefined for the bundled model. */
  readonly model: string | undefined;
  readonly backend: BackendChoice;
  readonly precision: Precision;
  /** 0: chosen from the machine. */
  readonly threads: number;
  readonly json: boolean;
}

/** Options of running a model. */
export interface RunOptions extends ModelOptions {
  /** A file or folder of a smaller model for speculative decoding; undefined for none. */
  readonly draftModel: string | undefined;
  readonly sampling: SamplingOptions;
  readonly timing: boolean;
  /** Whether to round the weights to half precision. */
  readonly half: boolean;
  /** Positions of the context to use; undefined for all that the model has. */
  readonly contextLimit: number | undefined;
}

/** Reads the options of opening a model. @throws UsageError */
export function modelOptions(values: Values): ModelOptions {
  return {
    model: string(values, "model"),
    backend: oneOf(values, "backend", ["auto", "kernels", "onnxruntime"]),
    precision: oneOf(values, "precision", ["int8", "f32"]),
    threads: wholeNumber(values, "threads", 0, 0, 256),
    json: isSet(values, "json"),
  };
}

/**
 * Reads the options of running a model.
 * @param temperature unless one is given
 * @throws UsageError
 */
export function runOptions(values: Values, environment: Environment, temperature: number): RunOptions {
  const maxContext = string(values, "max-context") ?? environment["MAX_CONTEXT"];
  const half = isSet(values, "half") || !["", "0", undefined].includes(environment["HALF"]);
  const contextLimit = optionalWholeNumber({ "max-context": maxContext }, "max-context", 1);
  // Half precision is about the weights: they are not quantized further unless that is asked for.
  const precision = half && values["precision"] === undefined ? "f32" : modelOptions(values).precision;
  return {
    ...modelOptions(values),
    precision,
    draftModel: string(values, "draft-model"),
    sampling: samplingOptions(values, temperature),
    timing: isSet(values, "timing"),
    half,
    contextLimit,
  };
}

import type { SamplingOptions } from "../generation/request";
import { type BackendChoice, backendChoices } from "../gpt2/backends/backend";
import { type Precision, precisions } from "../gpt2/languageModel";
import { ComputeError } from "../gpt2/errors";
import { parseDeviceMap } from "../gpt2/split/deviceMap";
import { samplingOptions } from "./samplingOptions";
import { type ServerOptions, serverOptions } from "./serverOptions";
import { isSet, oneOf, optionalWholeNumber, string, UsageError, type Values, wholeNumber } from "./values";

/** Environment variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Options of opening a model. */
export interface ModelOptions {
  /** A file or folder; undefined for the bundled model. */
  readonly model: string | undefined;
  /** A file or folder of a LoRA adapter that is merged into the model; undefined for none. */
  readonly adapter: string | undefined;
  readonly backend: BackendChoice;
  /** See `parseDeviceMap`. */
  readonly deviceMap: string;
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
  /** A server in place of the model. */
  readonly server?: ServerOptions;
}

/** Reads the options of opening a model. @throws UsageError */
export function modelOptions(values: Values): ModelOptions {
  return {
    model: string(values, "model"),
    adapter: string(values, "adapter"),
    backend: oneOf(values, "backend", backendChoices),
    deviceMap: deviceMap(values),
    precision: oneOf(values, "precision", precisions),
    threads: wholeNumber(values, "threads", 0, 0, 256),
    json: isSet(values, "json"),
  };
}

/** @throws UsageError */
function deviceMap(values: Values): string {
  const map = string(values, "device-map") ?? "auto";
  try {
    parseDeviceMap(map);
    return map;
  } catch (error) {
    throw error instanceof ComputeError ? new UsageError(`--device-map: ${error.message}`) : error;
  }
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
  const server = serverOptions(values);
  return {
    ...modelOptions(values),
    ...(server && { server }),
    precision,
    draftModel: string(values, "draft-model"),
    sampling: samplingOptions(values, temperature),
    timing: isSet(values, "timing"),
    half,
    contextLimit,
  };
}

import { ModelFileError } from "../formats/errors";
import { InputError } from "../generation/errors";
import { BackendUnavailableError, ComputeError } from "../gpt2/errors";
import { UnknownTokenError } from "../gpt2/languageModel";
import type { EngineFailure } from "./protocol";

/** The engine failed: its worker died, memory ran out, or an internal error occurred. */
export class EngineError extends Error {
  override readonly name: string = "EngineError";
}

/** The engine was stopped on request while a call was running: by a restart, or with the extension. */
export class EngineStoppedError extends EngineError {
  override readonly name = "EngineStoppedError";
  constructor() {
    super("The engine was stopped.");
  }
}

const errorTypes: Readonly<Record<EngineFailure["type"], new (message: string) => Error>> = {
  ModelFileError,
  InputError,
  EngineError,
  BackendUnavailableError,
};

/** Makes an error sendable. The stack, and what a ComputeError adds to it, go into `detail`, for the log. */
export function toFailure(error: unknown): EngineFailure {
  const detail = error instanceof Error ? [error.stack, detailOf(error)].filter(Boolean).join("\n") : undefined;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ModelFileError) return { type: "ModelFileError", message, detail };
  if (error instanceof InputError || error instanceof UnknownTokenError) return { type: "InputError", message, detail };
  if (error instanceof BackendUnavailableError) return { type: "BackendUnavailableError", message, detail };
  return { type: "EngineError", message, detail };
}

/** What a {@link ComputeError} reports besides its message. */
function detailOf(error: Error): string | undefined {
  return error instanceof ComputeError ? error.detail : undefined;
}

/** The error that {@link toFailure} described, with the worker's stack. */
export function fromFailure(failure: EngineFailure): Error {
  const error = new errorTypes[failure.type](failure.message);
  if (failure.detail !== undefined) error.stack = failure.detail;
  return error;
}

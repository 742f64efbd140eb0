/** The model could not be computed: memory ran out, or ONNX Runtime refused. The message is for a person, `detail` for a report. */
export class ComputeError extends Error {
  override readonly name: string = "ComputeError";
  constructor(
    message: string,
    readonly detail?: string,
  ) {
    super(message);
  }
}

/** The worker of a part of the model ended. The model can be opened again. */
export class PartStoppedError extends ComputeError {
  override readonly name = "PartStoppedError";
  constructor(reason: string) {
    super(`A part of the model stopped unexpectedly (${reason}). GPT-2: Restart Engine opens it again.`);
  }
}

/**
 * A backend cannot be used on this machine, or no longer: there is no GPU, it was lost, its memory ran out, or it computes wrongly.
 * Another backend can run the model.
 */
export class BackendUnavailableError extends ComputeError {
  override readonly name = "BackendUnavailableError";
}

/** The model could not be computed: memory ran out, or ONNX Runtime refused. The message is for a person, `detail` for a report. */
export class ComputeError extends Error {
  override readonly name = "ComputeError";
  constructor(
    message: string,
    readonly detail?: string,
  ) {
    super(message);
  }
}

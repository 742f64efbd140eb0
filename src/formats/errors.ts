/** A model file that cannot be used as it is: missing, cut short, of another kind, or not a GPT-2. */
export class ModelFileError extends Error {
  override readonly name = "ModelFileError";
}

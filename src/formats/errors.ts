import { printable } from "./printable";

/**
 * A model file that cannot be used as it is: missing, cut short, of another kind, or not a GPT-2. The message may quote the file, so it is
 * made safe to print.
 */
export class ModelFileError extends Error {
  override readonly name = "ModelFileError";
  constructor(message: string, options?: ErrorOptions) {
    super(printable(message, 2000), options);
  }
}

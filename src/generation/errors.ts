/** An invalid request, such as one with a token id outside the vocabulary. */
export class InputError extends Error {
  override readonly name = "InputError";
}

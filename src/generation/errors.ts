/** A request that cannot be carried out as it was put, such as a token id outside the vocabulary. */
export class InputError extends Error {
  override readonly name = "InputError";
}

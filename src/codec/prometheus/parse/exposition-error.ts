/** An exposition breaks the rules of its format: nothing of it counts. The message is fit for a log. */
export class ExpositionError extends Error {
  override readonly name = 'ExpositionError';
}

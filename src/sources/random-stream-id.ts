/** An id for a stream of which nobody can read the same bytes again: each life is another one. */
export function randomStreamId(): string {
  const half = (): string =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return `${half()}${half()}-0`;
}

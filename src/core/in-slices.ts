const SLICE = 256;

/**
 * Calls `visit` for slices of what is numbered from 0 to `count`, in order: a loop of which each slice is done in a
 * function of its own is compiled after some of them, while one that runs only once is not.
 */
export function inSlices(count: number, visit: (from: number, to: number) => void): void {
  for (let from = 0; from < count; from += SLICE) visit(from, Math.min(count, from + SLICE));
}

import { readFileSync } from 'node:fs';

/**
 * How many handles the process may have, by the limit that the system has set for it; infinite where it does not say.
 * Node raises the soft limit to the hard one when it starts.
 */
export function processHandleLimit(): number {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

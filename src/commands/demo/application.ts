import type { Clock } from '../../core/clock.ts';
import type { ApplicationMessage, ApplicationOrder, Written } from './messages.ts';
import type { ParentLink } from './parent-link.ts';
import { RotatingFile } from './rotating-file.ts';

/** How often the application writes what is due. */
const WRITE_INTERVAL_MS = 20;

/** How often it renames its file and begins another. */
export const ROTATION_INTERVAL_MS = 3000;

/** Where the application of the demo writes, and how fast. */
export interface ApplicationOptions {
  readonly folder: string;
  readonly linesPerSecond: number;
  readonly clock: Clock;
}

/**
 * The application of the demo: a small shop that writes its log with the fields of pino, and renames the file every
 * three seconds. Each line has a number, so that somebody else can count them. Resolves when the parent says stop or is
 * gone, after its last word.
 */
export async function runApplication(
  parent: ParentLink<ApplicationOrder, ApplicationMessage>,
  { folder, linesPerSecond, clock }: ApplicationOptions,
): Promise<void> {
  const file = new RotatingFile(folder);
  const stopping = new AbortController();
  const stop = AbortSignal.any([parent.closed, stopping.signal]);
  let lines = 0;
  const written = (): Written => ({ lines, bytes: file.bytes, rotations: file.rotations });
  parent.onOrder(({ kind }) => {
    if (kind === 'stop') stopping.abort();
    else parent.tell({ kind, written: written() });
  });

  const startMs = clock.nowMs();
  while (!stop.aborted) {
    const elapsedMs = clock.nowMs() - startMs;
    if (elapsedMs >= (file.rotations + 1) * ROTATION_INTERVAL_MS) file.rotate();
    const due = Math.floor((elapsedMs / 1000) * linesPerSecond) - lines;
    if (due > 0) {
      const burst = orderLines(lines + 1, Math.min(due, linesPerSecond), clock.unixMs());
      file.append(burst.join(''));
      if (lines === 0) parent.tell({ kind: 'first_line', text: burst[0]!.trimEnd() });
      lines += burst.length;
    }
    await clock.sleep(WRITE_INTERVAL_MS, stop);
  }
  file.close();
  parent.tell({ kind: 'stopped', written: written() });
}

/** `count` lines of the log with their line ends, the first with the number `first`. */
function orderLines(first: number, count: number, unixMs: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const line = first + i;
    const { level, msg } = EVENTS[line % EVENTS.length]!;
    return `${JSON.stringify({ level, time: unixMs, line, order: `A-${100_000 + line}`, msg })}\n`;
  });
}

/** What happens in the shop, in turn; levels as pino numbers them. */
const EVENTS = [
  { level: 30, msg: 'order shipped' },
  { level: 30, msg: 'order accepted' },
  { level: 40, msg: 'payment took 2.3 s' },
  { level: 30, msg: 'order paid' },
  { level: 50, msg: 'card refused: "insufficient funds"' },
  { level: 20, msg: 'cart saved' },
  { level: 30, msg: 'order packed' },
];

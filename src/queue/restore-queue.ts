import { DAMAGED, type QueueReports } from './queue-reports.ts';
import type { DamagedSegment, Segment, SegmentFolder } from './segment-folder.ts';
import { HEADER_BYTES } from './segment-format.ts';

/** A place in the queue; offsets only grow. */
export interface QueuePosition {
  /** The life of the queue in which the bytes before it were added. */
  readonly run: string;
  /** In bytes since the queue was made. */
  readonly offset: number;
}

/** A place at which reading starts without what was read before. */
export interface QueueStart extends QueuePosition {
  /** Whether it is in a line whose start was settled and is gone. */
  readonly isMidLine: boolean;
}

/** What a life of a queue starts with. */
export interface Restored {
  /** What is not settled, oldest first. */
  readonly segments: Segment[];
  readonly start: QueueStart;
  /** The name of this life. */
  readonly run: string;
  /** The offset at which adding starts. */
  readonly end: number;
}

/**
 * Finds what the last life left, and where it stopped. A segment that is not there any more was settled, whatever the
 * checkpoint says: it is removed after its bytes were, and the checkpoint is written later.
 */
export async function restore(
  folder: SegmentFolder,
  position: QueuePosition | undefined,
  { log, corrupt }: QueueReports,
): Promise<Restored> {
  const discard = async (path: string, bytes: number, reason: string): Promise<void> => {
    corrupt.add(bytes);
    log.error({ folder: folder.path, path, bytes, reason }, DAMAGED);
    await folder.setAside(path);
  };
  const { segments, damaged } = await folder.find();
  const at = segments.findLastIndex((segment) => segment.run === position?.run && segment.base <= position.offset);
  for (const file of damaged) {
    const isNewest = segments.every(({ base }) => base < file.base);
    // A crash came between the making of the file and its header: nobody has written into it.
    if (isNewest && file.fileBytes < HEADER_BYTES) await folder.remove(file);
    else await discard(file.path, lostIn(file, segments, at), 'a segment has no header');
  }
  for (const settled of segments.splice(0, Math.max(at, 0))) await folder.remove(settled);

  let end = at >= 0 || segments.length === 0 ? (position?.offset ?? 0) : 0;
  const last = segments.at(-1);
  if (last !== undefined) {
    const bytes = await folder.payloadBytes(last);
    end = Math.max(end, last.base + bytes);
    // The next segment takes the place of an empty one.
    if (bytes === 0) segments.pop();
    if (bytes === 0 && last.fileBytes === HEADER_BYTES) await folder.remove(last);
    else if (bytes === 0) await discard(last.path, last.fileBytes - HEADER_BYTES, 'its first entry is damaged');
  }
  const run = newRun();
  const [first] = segments;
  if (first === undefined) return { segments, start: { run, offset: end, isMidLine: false }, run, end };
  const offset = at >= 0 && position !== undefined ? position.offset : first.base;
  return { segments, start: { run: first.run, offset, isMidLine: first.isMidLine }, run, end };
}

/** How many unsettled bytes are lost with a file, as far as reading will not find them missing between two segments. */
function lostIn({ base, fileBytes }: DamagedSegment, segments: readonly Segment[], settledBefore: number): number {
  const next = segments.find((segment) => segment.base > base);
  if (next === undefined) return fileBytes;
  const isBetween = segments[0] !== next;
  return isBetween || settledBefore >= segments.indexOf(next) ? 0 : next.base - base;
}

/** 64 random bits as hexadecimal digits. */
function newRun(): string {
  const word = (): string =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return word() + word();
}

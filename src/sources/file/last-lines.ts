import type { MarkedEncoding } from '../../framing/byte-order-mark.ts';
import { unitBytesOf } from '../../framing/encoded-lines.ts';
import { type OpenFile, openRegular } from './open-file.ts';
import { fingerprintsAt, readCompression, readMarkedEncoding } from './read-content.ts';
import { bornNsOf, keyOf } from './sighting.ts';
import { encodeState, type StreamEntry } from './stream-entry.ts';
import { createStreamId } from './stream-id.ts';

const LF = 0x0a;
const BLOCK_BYTES = 64 * 1024;

/**
 * What the section of a file source would hold if these files were delivered up to their last `lines` lines: a source
 * that gets it starts there. Paths are absolute and real. Files that cannot be opened, or are
 * compressed, are left out. O(bytes of the
 * lines).
 */
export async function sectionBeforeLastLines(paths: readonly string[], lines: number): Promise<unknown> {
  const streams: StreamEntry[] = [];
  for (const path of paths) {
    const opened = await openRegular(path, ['/']);
    if (opened.kind !== 'opened') continue;
    const { file, stats } = opened;
    if ((await readCompression(file)) !== undefined) {
      file.close();
      continue;
    }
    const { size } = file.stat();
    const encoding = await readMarkedEncoding(file);
    const offset = await startOfLastLines(file, size, lines, encoding);
    const { head, window } = await fingerprintsAt(file, offset);
    file.close();
    const key = keyOf(stats);
    const bornNs = bornNsOf(stats);
    streams.push({
      id: createStreamId('', key, bornNs),
      key,
      path,
      home: path,
      bornNs,
      generation: 0,
      resume: 'line',
      offset,
      size,
      head,
      window,
      ...(encoding !== undefined && { encoding }),
    });
  }
  return encodeState({ streams, searches: [], lost: [] });
}

/** Where the last `lines` lines before `size` start; an unfinished last line is one of them. */
async function startOfLastLines(
  file: OpenFile,
  size: number,
  lines: number,
  encoding: MarkedEncoding | undefined,
): Promise<number> {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  const unitBytes = unitBytesOf(encoding ?? 'utf-8');
  const unitAt = (at: number): number =>
    unitBytes === 1 ? block[at]! : encoding === 'utf-16le' ? block.readUInt16LE(at) : block.readUInt16BE(at);
  const wholeSize = size - (size % unitBytes);
  let lineEnds = 0;
  for (let end = wholeSize; end > 0; end -= BLOCK_BYTES) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const count = await file.read(block, 0, end - start, start);
    for (let i = count - (count % unitBytes) - unitBytes; i >= 0; i -= unitBytes) {
      const next = start + i + unitBytes;
      // The line end behind the last line starts nothing.
      if (unitAt(i) !== LF || next === wholeSize) continue;
      if (++lineEnds === lines) return next;
    }
  }
  return 0;
}

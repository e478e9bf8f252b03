import { startOfLastNuls } from '../../bytes/nul-runs.ts';
import { endsWithLine, unitBytesOf } from '../../framing/encoded-lines.ts';
import { freshGeneration, type GenerationStart } from './generation.ts';
import { evidenceOf, readContent, readMarkedEncoding } from './read-content.ts';
import type { StreamContent } from './stream-content.ts';

const BLOCK_BYTES = 256 * 1024;

/**
 * A generation that begins at the end of its file: what it holds now is passed over, but for the mark at its start, which
 * says what comes. NULs at its end are a place that is not written yet: what comes is written there. `encoding`: of a
 * file without a mark. Rejects when the file cannot be read. O(NULs).
 */
export async function startAtEnd(file: StreamContent, number: number, encoding: string): Promise<GenerationStart> {
  const marked = await readMarkedEncoding(file);
  const offset = await endOfWritten(file, unitBytesOf(marked ?? encoding));
  if (offset === 0) return freshGeneration(number);
  const content = await readContent(file, offset);
  const isAtLine = endsWithLine(content.window, offset, marked ?? encoding);
  const start = { number, size: offset, ...evidenceOf(content, offset) };
  return { ...start, resume: isAtLine ? 'line' : 'continuation', ...(marked && { encoding: marked }) };
}

/** Where the NULs start that a file ends with; half a unit is none by itself. */
async function endOfWritten(file: StreamContent, unitBytes: number): Promise<number> {
  const { size } = file.stat();
  const block = Buffer.allocUnsafe(Math.min(size, BLOCK_BYTES));
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - block.length);
    const count = await file.read(block, 0, end - start, start);
    const found = start + startOfLastNuls(block, 0, count);
    if (found > start) return Math.min(size, found + (found % unitBytes));
    end = start;
  }
  return 0;
}

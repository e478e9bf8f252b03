import { endsWithLine } from '../../framing/encoded-lines.ts';
import { freshGeneration, type GenerationStart } from './generation.ts';
import { evidenceOf, readContent, readMarkedEncoding } from './read-content.ts';
import type { StreamContent } from './stream-content.ts';

/**
 * A generation that begins at the end of its file: what it holds now is passed over, but for the mark at its start, which
 * says what comes. `encoding`: of a file without one. Rejects when the file cannot be read.
 */
export async function startAtEnd(file: StreamContent, number: number, encoding: string): Promise<GenerationStart> {
  const offset = file.stat().size;
  if (offset === 0) return freshGeneration(number);
  const marked = await readMarkedEncoding(file);
  const content = await readContent(file, offset);
  const isAtLine = endsWithLine(content.window, offset, marked ?? encoding);
  const start = { number, size: offset, ...evidenceOf(content, offset) };
  return { ...start, resume: isAtLine ? 'line' : 'continuation', ...(marked && { encoding: marked }) };
}

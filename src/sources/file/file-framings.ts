import type { RecordBatch } from '../../core/record-batch.ts';
import { unitBytesOf } from '../../framing/encoded-lines.ts';
import type { Framing } from '../../framing/framer.ts';
import type { Format, Framings } from '../../framing/framings.ts';
import { type Generation, SLICE_BYTES } from './generation.ts';

/** What is looked at of a file whose format is not known: a longer line is no container's. */
export const ENOUGH_TO_DETECT_BYTES = SLICE_BYTES + 2;
/** Of UTF-8, the longest byte order mark. */
const MAX_MARK_BYTES = 3;

/** How the files of a source are framed: by what its options say, and by what the files themselves do. */
export class FileFramings {
  readonly #framings: Framings;
  readonly #format: Format | 'auto';
  readonly #encoding: string;

  /** `encoding`: of files without a byte order mark, as `TextDecoder.encoding` names it. */
  constructor(framings: Framings, format: Format | 'auto', encoding: string) {
    this.#framings = framings;
    this.#format = format;
    this.#encoding = encoding;
  }

  /** How many bytes a unit of the file's text has. */
  unitBytesOf(generation: Generation): number {
    return unitBytesOf(this.#encodingOf(generation));
  }

  /**
   * How a file is framed of which `batch.bytes[start, end)` is what was read at its position; undefined: nobody knows
   * yet. What is found out stays with the generation. `isFinal`: nothing follows.
   */
  of(generation: Generation, batch: RecordBatch, start: number, end: number, isFinal: boolean): Framing | undefined {
    const encoding = this.#encodingOf(generation);
    if (this.#format !== 'auto') return this.#framings.of(this.#format, encoding);
    if (generation.format === undefined && encoding === 'utf-8') {
      const isEnough = isFinal || end - start >= ENOUGH_TO_DETECT_BYTES - MAX_MARK_BYTES;
      const found = this.#framings.detect(batch, start, end, generation.resume !== 'line', isEnough);
      if (found === undefined) return undefined;
      if (found !== 'blank') generation.format = found;
    }
    return this.#framings.of(generation.format ?? 'plain', encoding);
  }

  #encodingOf({ encoding }: Generation): string {
    return encoding ?? this.#encoding;
  }
}

import { createEncodedFramer, unitBytesOf } from '../../framing/encoded-lines.ts';
import type { Framer } from '../../framing/framer.ts';
import { frameLines, type LineResume } from '../../framing/newline.ts';

/** How the text of one encoding is framed. */
export interface TextReader {
  readonly frame: Framer<LineResume>;
  /** How many bytes a unit has. */
  readonly unitBytes: number;
}

/** The readers of a source; each is made when a file needs it. */
export class TextReaders {
  readonly #readers = new Map<string, TextReader>();

  /** The reader for an encoding, as `TextDecoder.encoding` names it. */
  of(encoding: string): TextReader {
    let reader = this.#readers.get(encoding);
    if (reader === undefined) {
      const frame = encoding === 'utf-8' ? frameLines : createEncodedFramer(encoding);
      reader = { frame, unitBytes: unitBytesOf(encoding) };
      this.#readers.set(encoding, reader);
    }
    return reader;
  }
}

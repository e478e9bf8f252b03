import { isDigit } from '../bytes/digits.ts';
import type { KeyTable } from '../core/key-table.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { ContainerLine, type ReadContainerLine, Stdio } from './container-line.ts';
import { readCriLine } from './cri-line.ts';
import { readDockerJsonLine } from './docker-json-line.ts';
import { createEncodedFramer } from './encoded-lines.ts';
import type { Framer, Framing } from './framer.ts';
import type { Judge } from './multiline/judge.ts';
import { frameLines, LINE_RESUMES, type LineResume } from './newline.ts';
import { RecordFramer } from './record-framer.ts';

/** Forms of files: one in which the lines are those of the application, and those of containers. */
export const FORMATS = ['plain', 'cri', 'docker_json'] as const;

/** One of these forms. */
export type Format = (typeof FORMATS)[number];

const READERS: Readonly<Record<Format, ReadContainerLine | undefined>> = {
  plain: undefined,
  cri: readCriLine,
  docker_json: readDockerJsonLine,
};

/** Which lines make a record. */
export interface Grouping {
  readonly judge: Judge;
  /** The most lines that a group has. */
  readonly maxLines: number;
  /** How long a group waits for its next line. */
  readonly waitMs: number;
}

const LF = 0x0a;
const CR = 0x0d;
const OPEN_BRACE = 0x7b;

/** The framings of one source: one for each format and encoding, made when it is first needed. */
export class Framings {
  readonly #options: { readonly maxRecordBytes: number; readonly grouping: Grouping | undefined };
  readonly #stdioKey: number;
  readonly #made = new Map<string, Framing>();
  readonly #line = new ContainerLine();

  constructor(options: {
    readonly maxRecordBytes: number;
    /** Undefined: each line is a record. */
    readonly grouping: Grouping | undefined;
    readonly keys: KeyTable;
  }) {
    this.#options = options;
    this.#stdioKey = options.keys.internText('log.iostream');
  }

  /**
   * How files of the format are framed. `encoding` is a name as `TextDecoder.encoding` gives it; of one that is not
   * UTF-8 each line is a record, whatever the format: containers write UTF-8, and judges read it.
   */
  of(format: Format, encoding = UTF_8): Framing {
    const kind = encoding === UTF_8 ? format : encoding;
    const made = this.#made.get(kind) ?? (encoding === UTF_8 ? this.#make(format) : this.#makeEncoded(encoding));
    this.#made.set(kind, made);
    return made;
  }

  /**
   * The format of a file by its first line that is not empty, as the kubelet decides it. `bytes[start, end)` is the start
   * of the file, or, when `isInLine`, a place in the middle of a line. Undefined: there is no whole line yet, and more
   * may come; where that will not be looked at (`isEnough`) the format is `plain`. `blank`: there are only empty lines,
   * which all formats take alike.
   */
  detect(
    batch: RecordBatch,
    start: number,
    end: number,
    isInLine: boolean,
    isEnough: boolean,
  ): Format | 'blank' | undefined {
    const bytes = batch.bytes.subarray(0, end);
    let at = start;
    if (isInLine) {
      const lineFeed = bytes.indexOf(LF, at);
      at = lineFeed === -1 ? end : lineFeed + 1;
    }
    while (at < end && (bytes[at] === LF || bytes[at] === CR)) at++;
    if (at === end) return isEnough ? 'plain' : isInLine ? undefined : 'blank';
    const mayBeContainer = bytes[at] === OPEN_BRACE || isDigit(bytes[at]!);
    if (!mayBeContainer) return 'plain';
    const lineFeed = bytes.indexOf(LF, at);
    if (lineFeed !== -1) return this.#formatOf(batch, at, lineFeed);
    return isEnough ? 'plain' : undefined;
  }

  #formatOf(batch: RecordBatch, start: number, end: number): Format {
    const line = this.#line;
    const { byteLength } = batch;
    readCriLine(batch, start, end, line);
    if (line.isReadable && line.isTimed) return 'cri';
    readDockerJsonLine(batch, start, end, line);
    // What it decoded is not needed.
    batch.byteLength = byteLength;
    return line.isReadable && line.isTimed && line.stdio !== Stdio.Other ? 'docker_json' : 'plain';
  }

  #make(format: Format): Framing {
    const { maxRecordBytes, grouping } = this.#options;
    const readLine = READERS[format];
    if (readLine === undefined && grouping === undefined) return linesOf(frameLines, maxRecordBytes);
    return new RecordFramer({
      readLine,
      judge: grouping?.judge,
      maxRecordBytes,
      maxGroupLines: grouping?.maxLines ?? 1,
      groupWaitMs: grouping?.waitMs ?? 0,
      stdioKey: this.#stdioKey,
    });
  }

  #makeEncoded(encoding: string): Framing {
    return linesOf(createEncodedFramer(encoding), this.#options.maxRecordBytes);
  }
}

const UTF_8 = 'utf-8';
/** A line is known to be too long two units behind the limit. */
const BEYOND_LIMIT = 4;

/** A framing in which each line is a record. */
function linesOf(frame: Framer<LineResume>, maxRecordBytes: number): Framing {
  return {
    frame: (batch, start, end, options) => {
      const resume = LINE_RESUMES.find((word) => word === options.resume) ?? 'line';
      const framed = frame(batch, start, end, { ...options, resume });
      return { ...framed, scanned: framed.consumed, isHolding: false, ungroupedRecords: 0, failedRecords: 0 };
    },
    enoughBytes: maxRecordBytes + BEYOND_LIMIT,
  };
}

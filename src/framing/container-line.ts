import { IsoTime } from '../bytes/iso-time.ts';
import { ParsedTime } from '../bytes/parsed-time.ts';
import type { RecordBatch } from '../core/record-batch.ts';

/** The streams that a container's file mixes, as indices. Lines that nobody can read are in none: never open. */
export const Stdio = { Stdout: 0, Stderr: 1, Other: 2, None: 3 } as const;

/** How many streams a container's file can mix. */
export const STDIO_COUNT = 4;

/** What one line of a container's file says. One object is used again for every line. */
export class ContainerLine {
  /** Whether it has the form that the format asks for; if not, nothing else holds. */
  isReadable = false;
  /** One of `Stdio`, but `None`. */
  stdio: number = Stdio.Stdout;
  /** Whether the next line of the same stream goes on with the same line of the application. */
  isPartial = false;
  /** What the application wrote, in `batch.bytes`: in the line itself, or appended. */
  start = 0;
  end = 0;
  /** When the application wrote it; `isTimed` is false when the line does not say, or nobody can read it. */
  readonly time = new ParsedTime();
  /** Reads times into it. */
  readonly isoTime = new IsoTime();
  isTimed = false;
  /** Whether there is a time that nobody can read. */
  isTimeBroken = false;
  /** Where the name of the stream stands; empty: nowhere, or it is none that is known. */
  stdioStart = 0;
  stdioEnd = 0;
}

/** Reads `batch.bytes[start, end)`, a line without its LF, into `line`. May append to the batch. */
export type ReadContainerLine = (batch: RecordBatch, start: number, end: number, line: ContainerLine) => void;

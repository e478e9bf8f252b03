import { ParsedTime } from '../../bytes/parsed-time.ts';

/** The parts of a line, by their place in `AccessLine.spans`; in the order in which they become attributes. */
export const Part = {
  Server: 0,
  Port: 1,
  Client: 2,
  User: 3,
  /** The request as it stands, where it is none of HTTP. */
  Request: 4,
  Method: 5,
  /** The method where it is none that the semantic conventions know. */
  OtherMethod: 6,
  /** The target: a whole URL, or what is neither that nor a path. */
  FullUrl: 7,
  OtherTarget: 8,
  Path: 9,
  Query: 10,
  Version: 11,
  Status: 12,
  Size: 13,
  Referer: 14,
  Agent: 15,
  /** What follows the last part that is known. */
  Rest: 16,
} as const;

/** One of the parts. */
export type Part = (typeof Part)[keyof typeof Part];
/** How many parts there are. */
export const PART_COUNT = 17;

/** In which of the quoted parts something is escaped. */
export const Escaped = { Request: 1, Referer: 2, Agent: 4 } as const;

/** What stands in a line of an access log. One object is used again for every line. */
export class AccessLine {
  readonly time = new ParsedTime();
  /** Start and end of each part; one whose end is not behind its start is not there. */
  readonly spans = new Int32Array(2 * PART_COUNT);
  /** Bits of `Escaped`. */
  escaped = 0;
  /** The target of the request, of which its parts are made. */
  targetStart = 0;
  targetEnd = 0;

  /** Sets a part. */
  set(part: Part, start: number, end: number): void {
    this.spans[2 * part] = start;
    this.spans[2 * part + 1] = end;
  }

  /** Makes it a part that is not there. */
  clear(part: Part): void {
    this.spans[2 * part] = 0;
    this.spans[2 * part + 1] = 0;
  }
}

import { ParsedTime } from '../../bytes/parsed-time.ts';

/**
 * The parts of a line, by their place in `AccessLine.spans`: first those that lines mostly have, which are set for every
 * line, then the rare ones, which are set by `setRare()` where they are.
 */
export const Part = {
  Client: 0,
  User: 1,
  Method: 2,
  Path: 3,
  Query: 4,
  Version: 5,
  Status: 6,
  Size: 7,
  Referer: 8,
  Agent: 9,
  Server: 10,
  Port: 11,
  /** The request as it stands, where it is none of HTTP. */
  Request: 12,
  /** The method where it is none that the semantic conventions know. */
  OtherMethod: 13,
  /** The target: a whole URL, or what is neither that nor a path. */
  FullUrl: 14,
  OtherTarget: 15,
  /** What follows the last part that is known. */
  Rest: 16,
} as const;

/** One of the parts. */
export type Part = (typeof Part)[keyof typeof Part];
/** How many parts there are. */
export const PART_COUNT = 17;
/** How many of them are not rare. */
export const COMMON_PART_COUNT = 10;

/** In which of the quoted parts something is escaped. */
export const Escaped = { Request: 1, Referer: 2, Agent: 4 } as const;

/** What stands in a line of an access log. One object is used again for every line. */
export class AccessLine {
  readonly time = new ParsedTime();
  /** Start and end of each part; one whose end is not behind its start is not there. */
  readonly spans = new Int32Array(2 * PART_COUNT);
  /** Whether one of the rare parts is there. */
  hasRare = false;
  /** Bits of `Escaped`. */
  escaped = 0;
  /** The target of the request, of which its parts are made. */
  targetStart = 0;
  targetEnd = 0;
  /** Whether anybody asks for the parts of the target; else they are not looked for. */
  wantsTarget = true;

  /** Starts a line, without any of the rare parts. */
  begin(): void {
    this.escaped = 0;
    if (!this.hasRare) return;
    this.hasRare = false;
    // Not `fill()`: its call takes longer than these few stores.
    for (let part = COMMON_PART_COUNT; part < PART_COUNT; part++) this.spans[2 * part + 1] = 0;
  }

  /** Sets a part that is not rare. */
  set(part: Part, start: number, end: number): void {
    this.spans[2 * part] = start;
    this.spans[2 * part + 1] = end;
  }

  /** Sets a rare part. */
  setRare(part: Part, start: number, end: number): void {
    this.hasRare = true;
    this.set(part, start, end);
  }

  /** Makes it a part that is not there. */
  clear(part: Part): void {
    this.spans[2 * part + 1] = 0;
  }
}

import type { DecodedLogRecord } from '../../../src/codec/otlp/decode-logs.ts';
import { type LineId, lineOf } from '../../harness/checked-line.ts';
import { LinePieces } from './line-pieces.ts';
import type { LineRange, TornLine } from './written-log.ts';

/** The number of the last line that was written into each log. */
export type LastLines = Readonly<Record<string, number>>;

/** A request that the backend took. */
export interface Taking {
  /** Which life of the agent sent it. */
  readonly life: number;
  readonly atMs: number;
  /** Whether the agent has the answer: `unknown` until it has left, or the connection has ended. */
  answer: 'unknown' | 'sent' | 'lost';
}

/** How a life of the agent ended. */
export interface LifeEnd {
  /** Whether it says that it has settled everything that it read. */
  readonly isClean: boolean;
  /** When it was killed, or asked to end. */
  readonly atMs: number;
  /** What was answered before this moment must have been in the checkpoint by then. */
  readonly committedMs: number;
  /** How many records it says it has sent again; undefined: it said nothing. */
  readonly resentRecords: number | undefined;
}

interface LogNote {
  /** By line number: the request that took it last; undefined: none has. */
  readonly takings: (Taking | undefined)[];
  /** All lines before this one are done. */
  doneTo: number;
}

interface LifeNote {
  readonly number: number;
  end: LifeEnd | undefined;
  /** The first line of each log that was missing when it ended. */
  readonly missedFrom: Map<string, number>;
  /** Different records that were taken or refused. */
  records: number;
  /** How many of its lines came again while it lasted, not counting those of copies. */
  again: number;
  /** Lines of copied files that came again while it lasted: the same records, or those of the copy. */
  perhapsCopied: number;
  /** The last line that arrived for the first time in this life, by log and file. */
  readonly lastLines: Map<string, number>;
  readonly pieces: Set<string>;
  /** How many of its lines came again, though they were answered. */
  repeats: number;
}

/** Violations are kept up to this many: the first ones tell the most. */
const MAX_VIOLATIONS = 20;

/**
 * Knows what arrived, and judges it by what was written: nothing lost, nothing invented, payloads intact, order kept
 * within a file, nothing twice without a reason.
 */
export class Oracle {
  /** What must not have happened, a sentence each. */
  readonly violations: string[] = [];
  /** Different lines that were taken whole. */
  lines = 0;
  /** Different lines that the backend refused by partial success. */
  refusedLines = 0;
  /** Lines that came again in the same life, or whose answer was lost when that ended. */
  unansweredRepeats = 0;
  /** Lines that came again out of the copy of a file that was then truncated. */
  copyRepeats = 0;
  /** Lines that came again out of the head of a file that was compressed. */
  headRepeats = 0;
  readonly #logs: ReadonlyMap<string, LogNote>;
  readonly #lives = new Map<number, LifeNote>();
  readonly #pieces = new LinePieces();
  readonly #refused = new Set<string>();
  /** Files of which there is a copy that need not be known as such: `log, file`. */
  readonly #copied = new Set<string>();
  /** Lines of compressed files that need not be known when no more of their file was read: `log/line`. */
  readonly #compressedHeads = new Set<string>();
  /** Whether requests go one after the other, so that what arrives first was read first. */
  readonly #isOrdered: boolean;

  /** `maxInFlight`: how many requests the agent sends at once. */
  constructor(logs: readonly string[], maxInFlight: number) {
    this.#logs = new Map(logs.map((name) => [name, { takings: [], doneTo: 1 }]));
    this.#isOrdered = maxInFlight === 1;
  }

  /** Notes the records of a request that the backend takes; the first `refused` of them it refuses. */
  take(taking: Taking, records: readonly DecodedLogRecord[], refused = 0): void {
    const life = this.#life(taking.life);
    const lastLines = new Map<string, number>();
    for (const [index, record] of records.entries()) {
      const id = lineOf(record);
      if (id === undefined || !this.#logs.has(id.log)) this.#takePiece(life, record);
      else if (index < refused) this.#refuse(life, id);
      else this.#takeLine(life, taking, id, lastLines);
    }
  }

  /** Notes a line that will never be finished. */
  addTorn(torn: TornLine): void {
    this.#pieces.addTorn(torn);
  }

  /** Notes that a file, by its number in its log, was copied. */
  addCopy(log: string, file: number): void {
    this.#copied.add(fileKey(log, file));
  }

  /**
   * Notes that a file was compressed, by the lines that begin in its head: a file of which less than that was read, and
   * that grew and was compressed while no agent ran, is read again.
   */
  addCompressedHead({ log, first, last }: LineRange): void {
    for (let line = first; line <= last; line++) this.#compressedHeads.add(`${log}/${line}`);
  }

  /** Notes how a life ended. */
  endLife(number: number, end: LifeEnd): void {
    const life = this.#life(number);
    life.end = end;
    if (end.resentRecords !== undefined && life.again > end.resentRecords) {
      this.#violation(`${life.again} lines came again in life ${number}, which says ${end.resentRecords}`);
    }
    for (const [log, note] of this.#logs) life.missedFrom.set(log, this.#advance(log, note));
  }

  /** How many different records of a life were taken or refused, and how many of any kind. */
  recordsOf(life: number): { readonly least: number; readonly most: number } {
    const { records, again, perhapsCopied } = this.#life(life);
    return { least: records, most: records + again + perhapsCopied };
  }

  /** For each life some of whose lines came again though they had been answered: how many. */
  get repeatsByLife(): number[] {
    return [...this.#lives.values()].map(({ repeats }) => repeats).filter((repeats) => repeats > 0);
  }

  /** Whether all lines of a log up to that one are done. */
  hasAll(log: string, lastLine: number): boolean {
    return this.#advance(log, this.#logs.get(log)!) > lastLine;
  }

  /** Lines that were written and are not done, as `log/line`. */
  missing(lastLines: LastLines): string[] {
    return [...this.#logs].flatMap(([log, note]) => {
      const missing: string[] = [];
      const lastLine = lastLines[log] ?? 0;
      for (let line = this.#advance(log, note); line <= lastLine; line++) {
        if (!this.#isDone(log, line)) missing.push(`${log}/${line}`);
      }
      return missing;
    });
  }

  /** Judges what can only be judged at the end: lines beyond the last one, parts that belong to no line. */
  conclude(lastLines: LastLines): void {
    for (const [log, { takings }] of this.#logs) {
      const beyond = takings.findIndex((taking, line) => taking !== undefined && line > (lastLines[log] ?? 0));
      if (beyond >= 0) this.#violation(`line ${log}/${beyond} was never written`);
    }
    for (const stray of this.#pieces.strays()) this.#violation(stray);
  }

  #takeLine(life: LifeNote, taking: Taking, id: LineId, lastLines: Map<string, number>): void {
    const { log, file, line } = id;
    const { takings } = this.#logs.get(log)!;
    const before = takings[line];
    takings[line] = taking;
    const key = fileKey(log, file);
    if (line <= (lastLines.get(key) ?? 0)) this.#violation(`${key}: line ${line} comes too late in its request`);
    lastLines.set(key, line);
    if (before === undefined) this.lines++;
    if (before?.life === life.number) {
      this.#countAgain(life, key);
      return;
    }
    if (before !== undefined) this.#judgeRepeat(before, taking, id);
    life.records++;
    const lastLine = life.lastLines.get(key) ?? 0;
    if (this.#isOrdered && line < lastLine && !this.#copied.has(key)) {
      this.#violation(`${key}: line ${line} came after line ${lastLine} in life ${life.number}`);
    }
    life.lastLines.set(key, line);
  }

  /** The agent knows best why it sent something again, such as an answer that came too late for it; so it must say so. */
  #countAgain(life: LifeNote, file: string): void {
    if (this.#copied.has(file)) {
      life.perhapsCopied++;
      return;
    }
    life.again++;
    this.unansweredRepeats++;
  }

  #judgeRepeat(before: Taking, taking: Taking, { log, file, line }: LineId): void {
    if (before.answer !== 'sent') {
      this.unansweredRepeats++;
      return;
    }
    if (this.#copied.has(fileKey(log, file))) {
      this.copyRepeats++;
      return;
    }
    if (this.#compressedHeads.has(`${log}/${line}`)) {
      this.headRepeats++;
      return;
    }
    const life = this.#life(before.life);
    if (life.end === undefined || life.end.isClean) {
      this.#violation(`line ${log}/${line} came in life ${before.life}, and in life ${taking.life} for no reason`);
      return;
    }
    life.repeats++;
    // What is answered while an older line still waits cannot be committed.
    const isAhead = line > life.missedFrom.get(log)!;
    if (before.atMs >= life.end.committedMs || isAhead) return;
    const ageMs = Math.round(life.end.atMs - before.atMs);
    this.#violation(`line ${log}/${line} came again, though answered ${ageMs} ms before life ${life.number} ended`);
  }

  #refuse(life: LifeNote, { log, line }: LineId): void {
    if (this.#logs.get(log)!.takings[line]?.life === life.number) life.again++;
    else life.records++;
    if (this.#isDone(log, line)) return;
    this.#refused.add(`${log}/${line}`);
    this.refusedLines++;
  }

  /** A record that is no whole line: a part of one, marked as such, or something that nobody wrote. */
  #takePiece(life: LifeNote, { body, attributes }: DecodedLogRecord): void {
    const text = typeof body === 'string' ? body : '';
    if (!life.pieces.has(text)) life.records++;
    life.pieces.add(text);
    const marks = attributes.get('pillion.marks');
    if (Array.isArray(marks) && this.#pieces.add(text, marks)) return;
    this.#violation(`nobody wrote ${JSON.stringify(text.slice(0, 200))}`);
  }

  #isDone(log: string, line: number): boolean {
    const key = `${log}/${line}`;
    return this.#logs.get(log)!.takings[line] !== undefined || this.#refused.has(key) || this.#pieces.has(key);
  }

  /** The first line that is not done. */
  #advance(log: string, note: LogNote): number {
    while (this.#isDone(log, note.doneTo)) note.doneTo++;
    return note.doneTo;
  }

  #life(number: number): LifeNote {
    let life = this.#lives.get(number);
    if (life === undefined) {
      life = {
        number,
        end: undefined,
        missedFrom: new Map(),
        records: 0,
        again: 0,
        perhapsCopied: 0,
        lastLines: new Map(),
        pieces: new Set(),
        repeats: 0,
      };
      this.#lives.set(number, life);
    }
    return life;
  }

  #violation(sentence: string): void {
    if (this.violations.length < MAX_VIOLATIONS) this.violations.push(sentence);
  }
}

function fileKey(log: string, file: number): string {
  return `${log}, file ${file}`;
}

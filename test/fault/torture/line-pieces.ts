import { lineOfText, lineText } from '../../harness/checked-line.ts';
import type { TornLine } from './written-log.ts';

/**
 * Records that are parts of lines: one marked `unterminated` begins a line, one marked `continuation` goes on with it.
 * Put together they must give a line that was written, or what was written of one that was never finished.
 */
export class LinePieces {
  readonly #beginnings = new Set<string>();
  /** Whether each is known to belong to a line. */
  readonly #rests = new Map<string, boolean>();
  readonly #torn = new Map<string, string>();
  /** Lines that have arrived in parts: `log/line`. */
  readonly #done = new Set<string>();

  /** Notes a record; false: it is not marked as a part of a line. */
  add(text: string, marks: readonly unknown[]): boolean {
    if (marks.includes('continuation')) {
      this.#rests.set(text, false);
      for (const beginning of [...this.#beginnings]) this.#join(beginning, text, marks.includes('unterminated'));
    } else if (marks.includes('unterminated')) {
      this.#begin(text);
    } else {
      return false;
    }
    return true;
  }

  /** Notes a line that will never be finished. */
  addTorn({ log, line, text }: TornLine): void {
    this.#torn.set(text, `${log}/${line}`);
    if (this.#beginnings.has(text)) this.#done.add(`${log}/${line}`);
  }

  /** Whether all that was written of a line, `log/line`, has arrived. */
  has(key: string): boolean {
    return this.#done.has(key);
  }

  /** What belongs to no line, a sentence each. */
  strays(): string[] {
    const quote = (text: string): string => JSON.stringify(text.slice(0, 200));
    const beginnings = [...this.#beginnings].filter((text) => !isBeginning(text) && !this.#torn.has(text));
    const rests = [...this.#rests].filter(([, isKnown]) => !isKnown);
    return [
      ...beginnings.map((text) => `no line begins with ${quote(text)}`),
      ...rests.map(([text]) => `no line goes on with ${quote(text)}`),
    ];
  }

  #begin(text: string): void {
    this.#beginnings.add(text);
    const torn = this.#torn.get(text);
    if (torn !== undefined) this.#done.add(torn);
    for (const rest of [...this.#rests.keys()]) this.#join(text, rest, false);
  }

  #join(beginning: string, rest: string, isUnfinished: boolean): void {
    const id = lineOfText(beginning + rest);
    const key = id === undefined ? this.#torn.get(beginning + rest) : `${id.log}/${id.line}`;
    if (key !== undefined) this.#done.add(key);
    if (key !== undefined || (isUnfinished && isBeginning(beginning + rest))) this.#rests.set(rest, true);
    // What was cut twice has a middle: it goes on with one part and begins the next.
    if (key === undefined && isUnfinished && isBeginning(beginning + rest)) this.#begin(beginning + rest);
  }
}

/** Whether a line begins with `text`. */
function isBeginning(text: string): boolean {
  const head = /^\{"log":"([^"]*)","file":(\d+),"line":(\d+),/.exec(text);
  if (head === null) return /^\{[a-z0-9":,]{0,50}$/.test(text);
  return lineText({ log: head[1]!, file: Number(head[2]), line: Number(head[3]) }).startsWith(text);
}

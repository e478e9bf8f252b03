import { type CharSet, positiveRanges, SHORTHANDS } from './char-set.ts';

/** What stands beside a place, as `^`, `$`, `\b` and `\B` see it. */
export const OUTSIDE = 0;
export const NO_WORD = 1;
export const WORD = 2;

const UNITS = 0x10000;
const PAGE = 256;

/** UTF-16 units by what a regular expression tells apart: those of one class are in the same of its sets. */
export class UnitClasses {
  /** How many there are, numbered from 0. */
  readonly count: number;
  /** The kind of the units of a class: `WORD` or `NO_WORD`. */
  readonly kinds: Uint8Array;
  /** Where the classes of 256 units begin in `#classes`, by the upper half of the unit. */
  readonly pages = new Uint32Array(UNITS / PAGE);
  /** The classes, page by page. */
  readonly classes: Uint16Array;
  /** One unit of each class. */
  readonly #samples: number[] = [];

  /** `hasWords`: whether it matters what is a letter, digit or `_`; else all units are `NO_WORD`. */
  constructor(sets: readonly CharSet[], hasWords: boolean) {
    const all = hasWords ? [...sets, SHORTHANDS['w']!] : sets;
    const bounds = boundsOf(all);
    const numbers = new Map<string, number>();
    const classAt = bounds.map((first) => {
      const signature = all.map((set) => (hasUnit(set, first) ? '1' : '0')).join('');
      let number = numbers.get(signature);
      if (number === undefined) {
        numbers.set(signature, (number = numbers.size));
        this.#samples.push(first);
      }
      return number;
    });
    this.count = numbers.size;
    this.kinds = Uint8Array.from(this.#samples, (unit) =>
      hasWords && hasUnit(SHORTHANDS['w']!, unit) ? WORD : NO_WORD,
    );
    this.classes = this.#writePages(bounds, classAt);
  }

  /** The class of a unit. */
  of(unit: number): number {
    return this.classes[this.pages[unit >> 8]! + (unit & 0xff)]!;
  }

  /** A table of the classes that are in the set, 1 for those that are. */
  membersOf(set: CharSet): Uint8Array {
    return Uint8Array.from(this.#samples, (unit) => (hasUnit(set, unit) ? 1 : 0));
  }

  /** Writes each page once that is of more than one class, and one for each class for all others. */
  #writePages(bounds: readonly number[], classAt: readonly number[]): Uint16Array {
    const pages: Uint16Array[] = [];
    const whole = new Map<number, number>();
    let range = 0;
    for (let page = 0; page < UNITS / PAGE; page++) {
      while (range + 1 < bounds.length && bounds[range + 1]! <= page * PAGE) range++;
      const isWhole = range + 1 === bounds.length || bounds[range + 1]! >= (page + 1) * PAGE;
      const known = isWhole ? whole.get(classAt[range]!) : undefined;
      if (known !== undefined) {
        this.pages[page] = known;
        continue;
      }
      this.pages[page] = pages.length * PAGE;
      if (isWhole) whole.set(classAt[range]!, this.pages[page]!);
      const classes = new Uint16Array(PAGE);
      for (let r = range; r < bounds.length && bounds[r]! < (page + 1) * PAGE; r++) {
        classes.fill(classAt[r]!, Math.max(0, bounds[r]! - page * PAGE));
      }
      pages.push(classes);
    }
    const all = new Uint16Array(pages.length * PAGE);
    for (const [index, page] of pages.entries()) all.set(page, index * PAGE);
    return all;
  }
}

/** The units at which membership of a set can change, in order, from 0 on. */
function boundsOf(sets: readonly CharSet[]): number[] {
  const bounds = new Set([0]);
  for (const { ranges } of sets) {
    for (const [first, last] of ranges) {
      bounds.add(first);
      if (last + 1 < UNITS) bounds.add(last + 1);
    }
  }
  return [...bounds].toSorted((a, b) => a - b);
}

function hasUnit(set: CharSet, unit: number): boolean {
  return positiveRanges(set).some(([first, last]) => unit >= first && unit <= last);
}

import type { RegexFollow } from './regex-follow.ts';
import type { RegexProgram, RegexStep } from './regex-program.ts';
import { type UnitClasses, WORD } from './unit-classes.ts';

/** How a search ended. */
export const NOT_FOUND = 0;
export const FOUND = 1;
/** It would have needed more tries than it may. */
export const GAVE_UP = 2;

/** Steps that the searches in a text may take, of 2 to 10 ns: this many, and so many a unit. */
const STEPS = 256;
const STEPS_PER_UNIT = 8;

const UNIT = 0;
const SPLIT = 1;
/** As many units of a set as there are, and fewer where what follows asks for it. */
const RUN = 2;
/** As few of them as possible. */
const LAZY_RUN = 3;
const BEGIN = 4;
const END = 5;
const BOUNDARY = 6;
const NO_BOUNDARY = 7;
const SAVE = 8;
const CLEAR = 9;
const TURNED = 10;
const DONE = 11;

/** What is taken up again when a way leads nowhere: four numbers each. */
const TRY_OTHER = 0;
const TRY_SHORTER = 1;
const TRY_LONGER = 2;
const RESTORE = 3;

const ASCII = 128;

/** With more to take up again, a search gives up: 1 MiB. */
const MAX_STACK = 1 << 18;

/** What is left to try. One search at a time needs it, so all expressions share it. */
let stack = new Int32Array(1024);

function growStack(): void {
  const larger = new Int32Array(2 * stack.length);
  larger.set(stack);
  stack = larger;
}

/**
 * Tries one way after the other, as V8 does, and gives up where that takes more steps than a line may cost: whoever asks
 * has another way then. Most lines are read with few tries, in 3 ns a unit (test/bench/micro/linear-regex.bench.ts).
 */
export class BoundedTries {
  start = -1;
  end = -1;
  readonly #spans: Int32Array;
  readonly #first: number;
  readonly #ops: Uint8Array;
  /** The set of a unit, the register, or where a range of registers begins. */
  readonly #values: Int32Array;
  readonly #next: Int32Array;
  readonly #others: Int32Array;
  /** The set of the unit that must follow a run, or -1. */
  readonly #behind: Int32Array;
  /** Whether the set has the unit, by set and unit, for ASCII; and by set and class. */
  readonly #ascii: Uint8Array;
  readonly #members: readonly Uint8Array[];
  readonly #classes: UnitClasses;
  /** The sets with which a match can begin, as members of one: the last one. Empty matches: -1. */
  readonly #beginSet: number;
  readonly #isAnchored: boolean;
  #text = '';
  #allowed = 0;
  #steps = 0;

  /** `spans` takes the places of fields. */
  constructor(program: RegexProgram, follow: RegexFollow, classes: UnitClasses, spans: Int32Array) {
    this.#spans = spans;
    this.#classes = classes;
    this.#first = program.start;
    const count = program.steps.length;
    this.#ops = new Uint8Array(count);
    this.#values = new Int32Array(count);
    this.#next = new Int32Array(count);
    this.#others = new Int32Array(count);
    this.#behind = new Int32Array(count).fill(-1);
    this.#members = [...program.sets.map((set) => classes.membersOf(set)), beginnersOf(program, follow, classes)];
    this.#ascii = new Uint8Array(ASCII * this.#members.length);
    for (const [set, members] of this.#members.entries()) {
      for (let unit = 0; unit < ASCII; unit++) this.#ascii[ASCII * set + unit] = members[classes.of(unit)]!;
    }
    const end = follow.units.length;
    this.#beginSet = follow.beginnings[end] === 0 ? this.#members.length - 1 : -1;
    // Places at which something stands before are not the beginning of the text.
    this.#isAnchored = follow.beginnings.every((places) => (places & ~0o7) === 0);
    for (const [index, step] of program.steps.entries()) this.#write(program.steps, index, step);
  }

  #write(steps: readonly RegexStep[], index: number, step: RegexStep): void {
    this.#ops[index] = opOf(step);
    if (step.kind === 'split') this.#writeSplit(steps, index, step);
    else if (step.kind !== 'match') this.#next[index] = step.next;
    if (step.kind === 'unit') this.#values[index] = step.set;
    else if (step.kind === 'save') this.#values[index] = step.register;
    else if (step.kind === 'clear') {
      this.#values[index] = step.from;
      this.#others[index] = step.isTurn ? step.to : -1 - step.to;
    }
  }

  /** One that leads to a unit and back is a run of units. */
  #writeSplit(steps: readonly RegexStep[], index: number, { first, second }: { first: number; second: number }): void {
    this.#next[index] = first;
    this.#others[index] = second;
    for (const [turn, exit, op] of [
      [first, second, RUN],
      [second, first, LAZY_RUN],
    ] as const) {
      const unit = steps[turn];
      if (unit?.kind !== 'unit' || unit.next !== index) continue;
      const behind = steps[exit];
      this.#ops[index] = op;
      this.#values[index] = unit.set;
      this.#next[index] = exit;
      this.#behind[index] = behind?.kind === 'unit' ? behind.set : -1;
      return;
    }
  }

  /** How many steps the searches in this text have taken. */
  get taken(): number {
    return this.#allowed - this.#steps;
  }

  /** Takes the text in which to search, with so many steps; without any, searches give up at once. */
  begin(text: string, steps = STEPS + STEPS_PER_UNIT * text.length): void {
    this.#text = text;
    this.#allowed = steps;
    this.#steps = steps;
  }

  /** Finds the first match that begins at `from` or behind; then `start`, `end` and the spans are set. */
  search(from: number): number {
    const text = this.#text;
    for (let start = from; start <= text.length; start++) {
      if (this.#isAnchored && start > 0) return NOT_FOUND;
      if (this.#beginSet >= 0) {
        const skipped = start;
        while (start < text.length && !this.#has(this.#beginSet, start)) start++;
        this.#steps -= (start - skipped) >> 2;
        if (start === text.length || (this.#isAnchored && start > 0)) return NOT_FOUND;
      }
      this.start = start;
      const result = this.#try(start);
      if (result !== NOT_FOUND) return result;
    }
    return NOT_FOUND;
  }

  #has(set: number, at: number): boolean {
    const unit = this.#text.charCodeAt(at);
    if (unit < ASCII) return this.#ascii[ASCII * set + unit] === 1;
    return this.#members[set]![this.#classes.of(unit)] === 1;
  }

  /** Where the run of units of the set ends that begins at a place. */
  #runOf(set: number, at: number): number {
    const text = this.#text;
    const ascii = this.#ascii;
    const base = ASCII * set;
    const length = text.length;
    while (at < length) {
      const unit = text.charCodeAt(at);
      if (unit < ASCII ? ascii[base + unit] === 0 : this.#members[set]![this.#classes.of(unit)] === 0) break;
      at++;
    }
    return at;
  }

  #isBoundary(at: number): boolean {
    return this.#isWord(at - 1) !== this.#isWord(at);
  }

  #isWord(at: number): boolean {
    if (at < 0 || at >= this.#text.length) return false;
    return this.#classes.kinds[this.#classes.of(this.#text.charCodeAt(at))] === WORD;
  }

  /** Tries all ways from a place on. */
  #try(start: number): number {
    const length = this.#text.length;
    const spans = this.#spans;
    const ops = this.#ops;
    const next = this.#next;
    const values = this.#values;
    spans.fill(-1);
    let steps = this.#steps;
    let top = 0;
    let step = this.#first;
    let at = start;
    let hasTurned = 1;
    for (;;) {
      if (--steps < 0 || top > MAX_STACK) {
        this.#steps = steps;
        return GAVE_UP;
      }
      if (top + 4 > stack.length) growStack();
      let goesOn = true;
      switch (ops[step]) {
        case UNIT:
          goesOn = at < length && this.#has(values[step]!, at);
          hasTurned = 1;
          at++;
          break;
        case SPLIT:
          stack[top++] = this.#others[step]!;
          stack[top++] = at;
          stack[top++] = hasTurned;
          stack[top++] = TRY_OTHER;
          break;
        case RUN: {
          const from = at;
          at = this.#runOf(values[step]!, at);
          if (at === from) break;
          steps -= (at - from) >> 2;
          stack[top++] = step;
          stack[top++] = at;
          stack[top++] = 2 * from + hasTurned;
          stack[top++] = TRY_SHORTER;
          hasTurned = 1;
          break;
        }
        case LAZY_RUN:
          stack[top++] = step;
          stack[top++] = at;
          stack[top++] = hasTurned;
          stack[top++] = TRY_LONGER;
          break;
        case BEGIN:
          goesOn = at === 0;
          break;
        case END:
          goesOn = at === length;
          break;
        case BOUNDARY:
          goesOn = this.#isBoundary(at);
          break;
        case NO_BOUNDARY:
          goesOn = !this.#isBoundary(at);
          break;
        case SAVE: {
          const register = values[step]!;
          stack[top++] = register;
          stack[top++] = spans[register]!;
          top++;
          stack[top++] = RESTORE;
          spans[register] = at;
          break;
        }
        case CLEAR: {
          const to = this.#others[step]!;
          top = this.#clear(values[step]!, to < 0 ? -1 - to : to, top);
          if (to >= 0) hasTurned = 0;
          break;
        }
        case TURNED:
          goesOn = hasTurned === 1;
          break;
        default:
          this.end = at;
          this.#steps = steps;
          return FOUND;
      }
      step = next[step]!;
      if (goesOn) continue;
      // Back to the way that was left last.
      resume: for (;;) {
        if (top === 0) {
          this.#steps = steps;
          return NOT_FOUND;
        }
        top -= 4;
        const what = stack[top]!;
        const place = stack[top + 1]!;
        switch (stack[top + 3]) {
          case RESTORE:
            spans[what] = place;
            continue;
          case TRY_OTHER:
            step = what;
            at = place;
            hasTurned = stack[top + 2]!;
            break resume;
          case TRY_SHORTER: {
            const from = stack[top + 2]! >> 1;
            const behind = this.#behind[what]!;
            at = place - 1;
            if (behind >= 0) while (at > from && !this.#has(behind, at)) at--;
            steps -= (place - at) >> 2;
            if (at > from) {
              stack[top + 1] = at;
              top += 4;
              hasTurned = 1;
            } else hasTurned = stack[top + 2]! & 1;
            step = next[what]!;
            break resume;
          }
          default: {
            const set = values[what]!;
            const behind = this.#behind[what]!;
            at = place;
            if (at >= length || !this.#has(set, at)) continue;
            at++;
            if (behind >= 0) while (at < length && !this.#has(behind, at) && this.#has(set, at)) at++;
            steps -= (at - place) >> 2;
            stack[top + 1] = at;
            stack[top + 2] = 1;
            top += 4;
            hasTurned = 1;
            step = next[what]!;
            break resume;
          }
        }
      }
    }
  }

  /** Forgets registers, and returns the new top of the stack. */
  #clear(from: number, to: number, top: number): number {
    for (let register = from; register < to; register++) {
      if (this.#spans[register] === -1) continue;
      if (top + 4 > stack.length) growStack();
      stack[top++] = register;
      stack[top++] = this.#spans[register]!;
      top++;
      stack[top++] = RESTORE;
      this.#spans[register] = -1;
    }
    return top;
  }
}

function opOf(step: RegexStep): number {
  switch (step.kind) {
    case 'unit':
      return UNIT;
    case 'split':
      return SPLIT;
    case 'save':
      return SAVE;
    case 'clear':
      return CLEAR;
    case 'turned':
      return TURNED;
    case 'match':
      return DONE;
    case 'place':
      return step.source === '^' ? BEGIN : step.source === '$' ? END : step.source === '\\b' ? BOUNDARY : NO_BOUNDARY;
    default:
      return step satisfies never;
  }
}

/** The classes of the units with which a match can begin. */
function beginnersOf({ steps, sets }: RegexProgram, follow: RegexFollow, classes: UnitClasses): Uint8Array {
  const begins = new Uint8Array(classes.count);
  for (const [number, index] of follow.units.entries()) {
    const step = steps[index]!;
    if (follow.beginnings[number] === 0 || step.kind !== 'unit') continue;
    for (const [unitClass, isMember] of classes.membersOf(sets[step.set]!).entries()) begins[unitClass]! |= isMember;
  }
  return begins;
}

import { type CharSet, setSource } from './char-set.ts';
import { canBeEmpty, fieldNames, type RegexNode, type RegexRepeat } from './regex-node.ts';

/** A step of a program; `next` and the like are indexes of steps. Steps other than `unit` take nothing of the text. */
export type RegexStep =
  /** Takes one UTF-16 unit that is in the set of that index. */
  | { readonly kind: 'unit'; readonly set: number; readonly next: number }
  /** Goes on at `first`, or where that leads nowhere at `second`. */
  | { readonly kind: 'split'; first: number; second: number }
  /** Goes on where the place is of the kind: `^`, `$`, `\b` or `\B`. */
  | { readonly kind: 'place'; readonly source: string; readonly next: number }
  /** Notes the place: of the start of field n under 2n, of its end under 2n + 1. */
  | { readonly kind: 'save'; readonly register: number; readonly next: number }
  /** Forgets the places from the first register on, up to the second; with `isTurn`, a turn begins that must take something. */
  | {
      readonly kind: 'clear';
      readonly from: number;
      readonly to: number;
      readonly isTurn: boolean;
      readonly next: number;
    }
  /** Goes on if the turn has taken something. */
  | { readonly kind: 'turned'; readonly next: number }
  | { readonly kind: 'match' };

/** A regular expression as steps, in which counts are written out. */
export interface RegexProgram {
  readonly steps: readonly RegexStep[];
  /** The first step. */
  readonly start: number;
  /** The sets that its units are of. */
  readonly sets: readonly CharSet[];
  /** The names of the fields, in the order in which they begin. */
  readonly fields: readonly string[];
}

/** A count of 1,000 in a count of 10 is possible, and is as much as anyone writes. */
const MAX_STEPS = 40_000;

/** Writes the program; undefined: it would be too large. */
export function createProgram(node: RegexNode): RegexProgram | undefined {
  const writer = new ProgramWriter();
  const start = writer.write(node, writer.add({ kind: 'match' }), 0);
  if (writer.isTooLarge) return undefined;
  return { steps: writer.steps, start, sets: writer.sets, fields: fieldNames(node) };
}

/** How many steps the program would have, or a few more. */
export function stepCount(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
    case 'place':
      return 1;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + stepCount(item), 0);
    case 'choice':
      return node.branches.reduce((sum, branch) => sum + 1 + stepCount(branch), 0);
    case 'field':
      return 2 + stepCount(node.body);
    case 'repeat':
      return (3 + stepCount(node.body)) * (node.max === Number.POSITIVE_INFINITY ? node.min + 1 : node.max);
    default:
      return node satisfies never;
  }
}

/** Writes from the end to the beginning: each part is told where it goes on, and gives where it begins. */
class ProgramWriter {
  readonly steps: RegexStep[] = [];
  readonly sets: CharSet[] = [];
  readonly #setIndexes = new Map<string, number>();
  readonly #fieldCounts = new Map<RegexNode, number>();

  get isTooLarge(): boolean {
    return this.steps.length > MAX_STEPS;
  }

  add(step: RegexStep): number {
    return this.steps.push(step) - 1;
  }

  /** `field` is the index of the first field inside. */
  write(node: RegexNode, next: number, field: number): number {
    if (this.isTooLarge) return next;
    switch (node.kind) {
      case 'set':
        return this.add({ kind: 'unit', set: this.#setIndex(node.set), next });
      case 'place':
        return this.add({ kind: 'place', source: node.source, next });
      case 'sequence': {
        let at = field + this.#fieldCount(node);
        return node.items.reduceRight((after, item) => this.write(item, after, (at -= this.#fieldCount(item))), next);
      }
      case 'choice':
        return this.#writeChoice(node.branches, next, field);
      case 'field': {
        const end = this.add({ kind: 'save', register: 2 * field + 1, next });
        return this.add({ kind: 'save', register: 2 * field, next: this.write(node.body, end, field + 1) });
      }
      case 'repeat':
        return this.#writeRepeat(node, next, field);
      default:
        return node satisfies never;
    }
  }

  #writeChoice(branches: readonly RegexNode[], next: number, field: number): number {
    let at = field;
    const starts = branches.map((branch) => {
      const start = this.write(branch, next, at);
      at += this.#fieldCount(branch);
      return start;
    });
    return starts.reduceRight((second, first) => this.add({ kind: 'split', first, second }));
  }

  #writeRepeat(repeat: RegexRepeat, next: number, field: number): number {
    const { body, min, max } = repeat;
    const registers = { from: 2 * field, to: 2 * (field + this.#fieldCount(body)) };
    let at = next;
    if (max === Number.POSITIVE_INFINITY) {
      const split = { kind: 'split' as const, first: next, second: next };
      at = this.add(split);
      this.#setWays(split, repeat, this.#writeTurn(body, at, field, registers), next);
    } else {
      // One inside of the other: whoever does without a turn does without those behind it.
      for (let count = max; count > min && !this.isTooLarge; count--) {
        const split = { kind: 'split' as const, first: next, second: next };
        this.#setWays(split, repeat, this.#writeTurn(body, at, field, registers), next);
        at = this.add(split);
      }
    }
    for (let count = 0; count < min && !this.isTooLarge; count++) {
      at = this.write(body, at, field);
      if (registers.from < registers.to) at = this.add({ kind: 'clear', ...registers, isTurn: false, next: at });
    }
    return at;
  }

  #writeTurn(body: RegexNode, next: number, field: number, registers: { from: number; to: number }): number {
    const hasFields = registers.from < registers.to;
    if (!hasFields && !canBeEmpty(body)) return this.write(body, next, field);
    const inside = this.write(body, this.add({ kind: 'turned', next }), field);
    return this.add({ kind: 'clear', ...registers, isTurn: true, next: inside });
  }

  #setWays(split: { first: number; second: number }, { isLazy }: RegexRepeat, turn: number, exit: number): void {
    split.first = isLazy ? exit : turn;
    split.second = isLazy ? turn : exit;
  }

  #fieldCount(node: RegexNode): number {
    let count = this.#fieldCounts.get(node);
    if (count === undefined) this.#fieldCounts.set(node, (count = fieldNames(node).length));
    return count;
  }

  #setIndex(set: CharSet): number {
    const source = setSource(set);
    let index = this.#setIndexes.get(source);
    if (index === undefined) this.#setIndexes.set(source, (index = this.sets.push(set) - 1));
    return index;
  }
}

import { setSource } from './char-set.ts';
import { fieldNames, type RegexNode, type RegexRepeat, widthOf } from './regex-node.ts';

/**
 * How the places of fields follow from a match, whose groups are texts without a place: what stands in front of a field
 * is either of a width that is known, or in a group of its own, whose length is added.
 */
export interface Measure {
  /** What stands between the part before, or the start, and this part. */
  readonly before: number;
  /** The group that holds this part. */
  readonly group: number;
  /** Which field it is, or -1. */
  readonly slot: number;
  /** The group that holds the last one of repeated parts, which `inside` measures; 0: nothing is repeated. */
  readonly last: number;
  /** The fields inside, from the start of the part on. */
  readonly inside: readonly Measure[];
}

/** A regular expression for V8, without flags and names. */
export interface CompiledRegex {
  readonly source: string;
  /** The names of the fields, by slot. */
  readonly fields: readonly string[];
  readonly measures: readonly Measure[];
}

/** More is nothing that anyone writes. */
const MAX_SOURCE_LENGTH = 50_000;

/** Compiles a pattern. Returns what is wrong with it: it would be too large. */
export function compileRegex(node: RegexNode): CompiledRegex | { readonly problem: string; readonly hint: string } {
  const writer = new RegexWriter();
  const measures = writer.measure(node);
  if (writer.fault !== undefined) return writer.fault;
  return { source: writer.source, fields: writer.fields, measures };
}

class RegexWriter {
  source = '';
  readonly fields: string[] = [];
  fault: { readonly problem: string; readonly hint: string } | undefined;
  #groups = 0;

  /** Writes `node`, and gives what tells the places of the fields inside. */
  measure(node: RegexNode): Measure[] {
    if (this.#isTooLarge()) return [];
    switch (node.kind) {
      case 'set':
      case 'place':
        this.#write(node);
        return [];
      case 'sequence':
        return this.#measureSequence(flatItems(node));
      case 'choice':
        return this.#measureChoice(node.branches);
      case 'repeat':
        return this.#measureRepeat(node);
      case 'field': {
        const slot = this.fields.push(node.name) - 1;
        return [this.#measureGroup(slot, () => this.measure(node.body))];
      }
      default:
        return node satisfies never;
    }
  }

  #measureSequence(items: readonly RegexNode[]): Measure[] {
    const measures: Measure[] = [];
    const lastField = items.findLastIndex((item) => fieldNames(item).length > 0);
    let before = 0;
    for (let from = 0; from < items.length; ) {
      let to = from;
      while (to < items.length && fieldNames(items[to]!).length === 0) to++;
      const plain: RegexNode = { kind: 'sequence', items: items.slice(from, to) };
      const width = widthOf(plain);
      if (width >= 0 || from > lastField) this.#write(plain);
      else measures.push({ ...this.#measureGroup(-1, () => this.#writeOnly(plain)), before });
      before = width > 0 ? width : 0;
      const [first, ...others] = to < items.length ? this.#measureItem(items[to]!) : [];
      if (first !== undefined) {
        measures.push({ ...first, before: before + first.before }, ...others);
        before = 0;
      }
      from = to + 1;
    }
    return measures;
  }

  /** A part of a sequence: a choice there stands in a group. */
  #measureItem(item: RegexNode): Measure[] {
    return item.kind === 'choice' ? [this.#measureGroup(-1, () => this.measure(item))] : this.measure(item);
  }

  /** Only one of the branches has a group with text, so that their measures can follow each other. */
  #measureChoice(branches: readonly RegexNode[]): Measure[] {
    return branches.flatMap((branch, index) => {
      if (index > 0) this.source += '|';
      if (fieldNames(branch).length > 0) return [this.#measureGroup(-1, () => this.measure(branch))];
      this.#write(branch);
      return [];
    });
  }

  #measureRepeat(repeat: RegexRepeat): Measure[] {
    const { body, min, max } = repeat;
    if (fieldNames(body).length === 0) {
      this.#write(repeat);
      return [];
    }
    if (max <= 1) {
      const measure = this.#measureGroup(-1, () => this.measure(body));
      this.source += quantifier(min, max, repeat.isLazy);
      return [measure];
    }
    let inside: readonly Measure[] = [];
    let last = 0;
    const whole = this.#measureGroup(-1, () => {
      last = this.#groups + 1;
      inside = this.#measureGroup(-1, () => this.measure(body)).inside;
      this.source += quantifier(min, max, repeat.isLazy);
      return [];
    });
    return [{ ...whole, last, inside }];
  }

  #measureGroup(slot: number, write: () => readonly Measure[]): Measure {
    const group = ++this.#groups;
    this.source += '(';
    const inside = write();
    this.source += ')';
    return { before: 0, group, slot, last: 0, inside: inside.some(hasSlot) ? inside : [] };
  }

  #writeOnly(node: RegexNode): readonly Measure[] {
    this.#write(node);
    return [];
  }

  /** Writes a node without fields. */
  #write(node: RegexNode): void {
    if (this.#isTooLarge()) return;
    switch (node.kind) {
      case 'set':
        this.source += setSource(node.set);
        break;
      case 'place':
        this.source += node.source;
        break;
      case 'sequence':
        for (const item of node.items) this.#writeItem(item);
        break;
      case 'choice':
        for (const [index, branch] of node.branches.entries()) {
          if (index > 0) this.source += '|';
          this.#write(branch);
        }
        break;
      case 'repeat':
        this.#writeRepeat(node);
        break;
      case 'field':
        throw new Error('Cannot write field without measure');
      default:
        node satisfies never;
    }
  }

  #writeItem(node: RegexNode): void {
    const needsGroup = node.kind === 'choice';
    if (needsGroup) this.source += '(?:';
    this.#write(node);
    if (needsGroup) this.source += ')';
  }

  #writeRepeat(repeat: RegexRepeat): void {
    const { body, min, max, isLazy } = repeat;
    if (!isWrittenOut(repeat, countOf(body))) {
      this.#writeOperand(body);
      this.source += quantifier(min, max, isLazy);
      return;
    }
    for (let count = 0; count < min; count++) this.#writeOperand(body);
    // One inside of the other: whoever does without a turn does without those behind it.
    for (let count = min; count < max; count++) {
      this.source += '(?:';
      this.#writeOperand(body);
    }
    this.source += `)${quantifier(0, 1, isLazy)}`.repeat(max - min);
  }

  /** What a quantifier follows. */
  #writeOperand(body: RegexNode): void {
    if (body.kind !== 'set') this.source += '(?:';
    this.#write(body);
    if (body.kind !== 'set') this.source += ')';
  }

  #isTooLarge(): boolean {
    if (this.source.length > MAX_SOURCE_LENGTH) {
      this.fault ??= { problem: 'it becomes too large', hint: 'Use fewer patterns in each other, and smaller counts' };
    }
    return this.fault !== undefined;
  }
}

/** V8's other engine counts to this, through all repetitions that are in each other. */
const MAX_COUNTED = 15;

/** Whether V8 has its other engine for it, too, to go on in after too many tries. */
export function hasFallback(node: RegexNode): boolean {
  return countOf(node) <= MAX_COUNTED;
}

/** Whether a repetition of counts is written as its turns, so that these do not multiply; `inside` is what its body counts. */
function isWrittenOut({ body, max }: RegexRepeat, inside: number): boolean {
  if (max > MAX_COUNTED || fieldNames(body).length > 0) return false;
  return inside > 1 && inside <= MAX_COUNTED && inside * max > MAX_COUNTED;
}

/** How often that engine writes out what is in the parts, at most. */
function countOf(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
    case 'place':
      return 1;
    case 'sequence':
      return Math.max(1, ...node.items.map(countOf));
    case 'choice':
      return Math.max(1, ...node.branches.map(countOf));
    case 'field':
      return countOf(node.body);
    case 'repeat': {
      const inside = countOf(node.body);
      if (isWrittenOut(node, inside)) return inside;
      return inside * Math.max(1, node.max === Number.POSITIVE_INFINITY ? node.min : node.max);
    }
    default:
      return node satisfies never;
  }
}

/** The items of a sequence, with those of sequences inside of it in their place. */
function flatItems(node: RegexNode): readonly RegexNode[] {
  return node.kind === 'sequence' ? node.items.flatMap(flatItems) : [node];
}

function hasSlot({ slot, inside }: Measure): boolean {
  return slot >= 0 || inside.some(hasSlot);
}

function quantifier(min: number, max: number, isLazy: boolean): string {
  if (min === 1 && max === 1) return '';
  const lazy = isLazy ? '?' : '';
  if (max === Number.POSITIVE_INFINITY) return `${min === 0 ? '*' : min === 1 ? '+' : `{${min},}`}${lazy}`;
  if (min === 0 && max === 1) return `?${lazy}`;
  return `{${min === max ? min : `${min},${max}`}}${lazy}`;
}

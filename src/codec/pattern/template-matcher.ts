import { findByte } from '../../bytes/find-byte.ts';
import type { TemplateField, TemplatePart } from './template.ts';

/** What a step does. */
const Kind = {
  /** The line goes on with the text of the step. */
  Text: 0,
  /** Blanks are passed over. */
  Blanks: 1,
  /** The line may end here. */
  End: 2,
  /** A field up to where the text of the step stands first. */
  Until: 3,
  /** The same, and the field is the rest of the line where the text is missing. */
  UntilOrEnd: 4,
  /** A field up to the text of the step, with which the line ends. */
  UntilLast: 5,
  /** A field to the end of the line. */
  Rest: 6,
} as const;

const NO_SLOT = -1;
const SPACE = 0x20;
const TAB = 0x09;

/**
 * Fits lines to a template, in one scan forward: a field ends where the text that follows it in the template stands
 * first. What was decided is never tried otherwise, so a line costs O(length), times the length of the longest text
 * between fields for a line that is made to be hard.
 */
export class TemplateMatcher {
  /** The fields that have a slot, in the order of the slots: those with a name or a type. */
  readonly fields: readonly TemplateField[];
  readonly #steps: readonly Step[];

  constructor(parts: readonly TemplatePart[]) {
    const writer = new StepWriter(parts);
    this.fields = writer.fields;
    this.#steps = writer.steps;
  }

  /**
   * Whether `bytes[start, end)` fits. If so, `spans` has the start and the end of each field by its slot, and -1 for
   * fields that the line ended before. `view` is the same memory, with 3 bytes behind `end` that can be read.
   */
  match(bytes: Uint8Array, view: DataView, start: number, end: number, spans: Int32Array): boolean {
    const steps = this.#steps;
    let at = start;
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      const { kind, slot, length } = step;
      let stop = end;
      if (kind >= Kind.UntilLast) {
        if (kind === Kind.UntilLast) {
          stop = end - length;
          if (stop < at || !step.stands(bytes, view, stop)) return false;
        }
      } else if (kind >= Kind.Until) {
        const { rareAt, rareByte } = step;
        // Where the rare byte may be at the latest, and one further.
        const limit = end - length + rareAt + 1;
        let found = findByte(view, rareByte, at + rareAt, limit);
        while (length > 1 && found < limit && !step.stands(bytes, view, found - rareAt)) {
          found = findByte(view, rareByte, found + 1, limit);
        }
        if (found < limit) stop = found - rareAt;
        else if (kind === Kind.Until) return false;
        else spans.fill(-1, 2 * step.nextSlot);
      } else {
        if (kind === Kind.Text) {
          if (end - at < length || !step.stands(bytes, view, at)) return false;
          at += length;
        } else if (kind === Kind.Blanks) {
          at = skipBlanks(bytes, at, end);
        } else if (at === end) {
          spans.fill(-1, 2 * step.nextSlot);
          return true;
        }
        continue;
      }
      if (slot !== NO_SLOT) {
        spans[2 * slot] = at;
        spans[2 * slot + 1] = step.isPadded ? withoutBlanks(bytes, at, stop) : stop;
      }
      if (stop === end) return true;
      at = stop + length;
      if (step.isPadded && isBlank(bytes[at - 1]!)) at = skipBlanks(bytes, at, end);
    }
    return at === end;
  }
}

/** One step of a template. All are of one shape, which is what makes reading them fast. */
class Step {
  readonly kind: number;
  readonly slot: number;
  /** Of the text. */
  readonly length: number;
  /** How far into the text its rarest byte is, by which the text is looked for, and that byte. */
  readonly rareAt: number;
  readonly rareByte: number;
  readonly isPadded: boolean;
  /** The first slot that is not filled yet once the step is done. */
  readonly nextSlot: number;
  /** The first four bytes of the text, as the view reads them, and which of them there are. */
  readonly #head: number;
  readonly #mask: number;
  /** What follows those. */
  readonly #tail: Uint8Array;

  constructor(kind: number, slot: number, text: string, isPadded: boolean, nextSlot: number) {
    const bytes = Buffer.from(text);
    const head = Buffer.alloc(4);
    bytes.copy(head);
    this.kind = kind;
    this.slot = slot;
    this.length = bytes.length;
    this.rareAt = rarest(bytes);
    this.rareByte = bytes[this.rareAt] ?? 0;
    this.isPadded = isPadded;
    this.nextSlot = nextSlot;
    this.#head = head.readInt32LE();
    this.#mask = bytes.length >= 4 ? -1 : (1 << (8 * bytes.length)) - 1;
    this.#tail = Uint8Array.from(bytes.subarray(4));
  }

  /** Whether the text stands at `at`. What is compared first may lie behind the line. */
  stands(bytes: Uint8Array, view: DataView, at: number): boolean {
    if (((view.getInt32(at, true) ^ this.#head) & this.#mask) !== 0) return false;
    const tail = this.#tail;
    for (let i = 0; i < tail.length; i++) if (bytes[at + 4 + i] !== tail[i]) return false;
    return true;
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && isBlank(bytes[at]!)) at++;
  return at;
}

/** Where the span ends without the blanks at its end. */
function withoutBlanks(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && isBlank(bytes[end - 1]!)) end--;
  return end;
}

class StepWriter {
  readonly steps: Step[] = [];
  readonly fields: TemplateField[] = [];

  constructor(parts: readonly TemplatePart[]) {
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index]!;
      if (part.kind === 'field') index += this.#addField(part, parts.slice(index + 1));
      else if (part.kind === 'text') this.#add(Kind.Text, NO_SLOT, part.text);
      else this.#add(part.kind === 'blanks' ? Kind.Blanks : Kind.End, NO_SLOT, '');
    }
  }

  /** Adds a field and what ends it, of the parts that follow; returns how many of those that were. */
  #addField(field: TemplateField, following: readonly TemplatePart[]): number {
    const slot = field.name === undefined && field.type === '' ? NO_SLOT : this.fields.push(field) - 1;
    const [next, afterNext] = following;
    if (next?.kind === 'text') {
      this.#add(following.length === 1 ? Kind.UntilLast : Kind.Until, slot, next.text, field.isPadded);
      return 1;
    }
    if (next?.kind === 'end' && afterNext?.kind === 'text') {
      this.#add(Kind.UntilOrEnd, slot, afterNext.text, field.isPadded);
      return 2;
    }
    this.#add(Kind.Rest, slot, '', field.isPadded);
    return following.length;
  }

  #add(kind: number, slot: number, text: string, isPadded = false): void {
    this.steps.push(new Step(kind, slot, text, isPadded, this.fields.length));
  }
}

/** Where the byte of `text` is that is likely to be the rarest one in a line. */
function rarest(text: Uint8Array): number {
  let best = 0;
  for (let at = 1; at < text.length; at++) if (commonness(text[at]!) < commonness(text[best]!)) best = at;
  return best;
}

function commonness(byte: number): number {
  const character = String.fromCharCode(byte);
  if (character === ' ') return 4;
  if (/[a-z]/.test(character)) return 3;
  if (/[0-9]/.test(character)) return 2;
  return /[A-Z.:/-]/.test(character) ? 1 : 0;
}

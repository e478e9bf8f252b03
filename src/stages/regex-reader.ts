import { MATCH, TOO_COSTLY } from '../bytes/regex/linear-regex.ts';
import type { PatternProblem, RegexNode } from '../bytes/regex/regex-node.ts';
import { LineText, SpanRegex } from '../bytes/regex/span-regex.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { FieldRow } from './field-row.ts';
import type { TextReader } from './parser.ts';

/** A regular expression that can be run, with the names of its fields by slot. */
export interface FieldRegex {
  readonly regex: SpanRegex;
  readonly fields: readonly string[];
}

/** Makes an expression that was parsed one that can be run, or says what is wrong with it. */
export function createFieldRegex(node: RegexNode): FieldRegex | PatternProblem {
  const regex = SpanRegex.create(node);
  if ('problem' in regex) return { column: 1, ...regex };
  if (regex.fields.length === 0) {
    return { column: 1, problem: 'it names no field', hint: 'Name what to extract, as in "(?<status>\\d+)"' };
  }
  return { regex, fields: regex.fields };
}

/** Takes lines apart by the first of several expressions that fits. */
export class RegexReader implements TextReader {
  readonly #expressions: readonly { readonly regex: SpanRegex; readonly row: FieldRow }[];
  readonly #line = new LineText();

  constructor(expressions: readonly { readonly regex: SpanRegex; readonly row: FieldRow }[]) {
    this.#expressions = expressions;
  }

  read(batch: RecordBatch, record: number, start: number, end: number): string | undefined {
    const line = this.#line;
    line.set(batch.bytes, start, end);
    let why = 'no pattern fits';
    for (const { regex, row } of this.#expressions) {
      const result = regex.match(line, row.spans);
      if (result === MATCH) {
        const wrong = row.commit(batch, record);
        if (wrong === undefined) return undefined;
        why = wrong;
      } else if (result === TOO_COSTLY) {
        why = 'too costly for the pattern';
      }
    }
    return why;
  }
}

import type { StageContext, StageDefinition } from '../component/definition.ts';
import { type Infer, integer, object, size } from '../component/options.ts';
import type { Stage } from '../core/contracts.ts';
import { type RecordBatch, RecordFlag } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';
import type { Counter } from '../telemetry/metrics.ts';

/** So that at least one character fits. */
const MIN_SIZE = '4B';

const options = object({
  max_body: size({ doc: 'How much of a body is kept.', default: '16KiB', min: MIN_SIZE }),
  max_attribute: size({ doc: 'How much of the value of an attribute is kept.', default: '4KiB', min: MIN_SIZE }),
  max_attributes: integer({ doc: 'How many attributes are kept: the first ones.', default: 128, max: 1_000_000 }),
});

type Options = Infer<typeof options>;

/** The stage `truncate`. */
export const truncateStage: StageDefinition<Options> = {
  type: 'truncate',
  summary:
    'Cuts what is too long at the end of a character, leaves out attributes beyond a number, and marks the record as ' +
    '`truncated`. Sizes are of the text in UTF-8. A nested value that is cut becomes text; so does a number.',
  options,
  example: {
    config: '- truncate: { max_body: 8B, max_attribute: 4B, max_attributes: 1 }',
    input: '{"a":"abcdef","b":1}',
    output:
      '{"body":{"stringValue":"{\\"a\\":\\"ab"},"attributes":[{"key":"a","value":{"stringValue":"abcd"}},' +
      '{"key":"pillion.marks","value":{"arrayValue":{"values":[{"stringValue":"truncated"}]}}}]}',
  },
  build: (options, context) => new TruncateStage(options, context),
};

class TruncateStage implements Stage {
  readonly #options: Options;
  readonly #bodies: Counter;
  readonly #values: Counter;
  readonly #attributes: Counter;
  /** Uncounted yet. */
  #cutBodies = 0;
  #cutValues = 0;
  #leftOut = 0;

  constructor(options: Options, { name, metrics }: StageContext) {
    const counter = (part: string): Counter => metrics.counter('pillion_truncated_values_total', { stage: name, part });
    this.#options = options;
    this.#bodies = counter('body');
    this.#values = counter('attribute');
    this.#attributes = counter('attributes');
  }

  process(batch: RecordBatch): void {
    for (let record = 0; record < batch.count; record++) {
      if (batch.isLive(record) && this.#cut(batch, record)) batch.flags[record]! |= RecordFlag.Truncated;
    }
    this.#bodies.add(this.#cutBodies);
    this.#values.add(this.#cutValues);
    this.#attributes.add(this.#leftOut);
    this.#cutBodies = this.#cutValues = this.#leftOut = 0;
  }

  /** Whether something of the record was too much. */
  #cut(batch: RecordBatch, record: number): boolean {
    const isBodyCut = this.#cutBody(batch, record);
    return this.#cutAttributes(batch, record) || isBodyCut;
  }

  #cutBody(batch: RecordBatch, record: number): boolean {
    const start = batch.bodyStart[record]!;
    const { max_body: maxBody } = this.#options;
    if (batch.bodyEnd[record]! - start <= maxBody || batch.bodyType[record] === ValueType.False) return false;
    batch.setBody(record, ValueType.String, start, characterStart(batch.bytes, start + maxBody));
    this.#cutBodies++;
    return true;
  }

  #cutAttributes(batch: RecordBatch, record: number): boolean {
    const { max_attribute: maxAttribute, max_attributes: maxAttributes } = this.#options;
    const { attributeNext, attributeStart, attributeEnd, attributeType } = batch;
    let isCut = false;
    let count = 0;
    let last = 0;
    for (let row = batch.firstAttribute[record]!; row !== 0; row = attributeNext[row]!) {
      if (count === maxAttributes) {
        this.#leaveOutFrom(batch, record, row, last);
        return true;
      }
      count++;
      last = row;
      const start = attributeStart[row]!;
      if (attributeEnd[row]! - start <= maxAttribute || attributeType[row] === ValueType.False) continue;
      if (attributeType[row] !== ValueType.TextList) attributeType[row] = ValueType.String;
      attributeEnd[row] = characterStart(batch.bytes, start + maxAttribute);
      this.#cutValues++;
      isCut = true;
    }
    return isCut;
  }

  /** Takes out the attributes from `row` on, which stands behind `last`. */
  #leaveOutFrom(batch: RecordBatch, record: number, row: number, last: number): void {
    for (; row !== 0; row = batch.attributeNext[row]!) this.#leftOut++;
    batch.truncateAttributes(record, last);
  }
}

/** Where the character starts that the byte at `at` is of. */
function characterStart(bytes: Uint8Array, at: number): number {
  while ((bytes[at]! & 0xc0) === 0x80) at--;
  return at;
}

import * as v from 'valibot';
import type { StageDefinition } from '../component/definition.ts';
import { described, type Infer, notList } from '../component/options.ts';
import type { Stage } from '../core/contracts.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { AttributeValue } from '../core/resource.ts';
import { ValueType } from '../core/value-type.ts';

const EXPECTED_VALUE = 'expected text, a finite number, true or false';

const value = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], EXPECTED_VALUE),
  v.check((value) => typeof value !== 'number' || Number.isFinite(value), EXPECTED_VALUE),
);

const options = described(
  notList(
    v.pipe(
      v.record(
        v.pipe(v.string(), v.minLength(1, 'expected a name that is not empty')),
        value,
        'expected a map of names and values',
      ),
      v.minEntries(1, 'expected at least one attribute'),
    ),
  ),
  'map',
  { doc: 'The values of attributes, by name: text, numbers, true or false.', example: '{ team: payments }' },
);

/** The stage `set`. */
export const setStage: StageDefinition<Infer<typeof options>> = {
  type: 'set',
  summary: 'Gives every record attributes, in place of those that it has with the same names.',
  options,
  example: {
    config: '- set: { team: payments, tier: 1 }',
    input: '{"tier":"?"}',
    output:
      '{"body":{"stringValue":"{\\"tier\\":\\"?\\"}"},"attributes":[{"key":"tier","value":{"intValue":"1"}},' +
      '{"key":"team","value":{"stringValue":"payments"}}]}',
  },
  build: (values, { keys }) =>
    new SetStage(Object.entries(values).map(([name, value]) => constant(keys.internText(name), value))),
};

/** An attribute as it is written into the arena. */
interface Constant {
  readonly key: number;
  readonly type: ValueType;
  readonly bytes: Buffer;
}

class SetStage implements Stage {
  readonly #constants: readonly Constant[];

  constructor(constants: readonly Constant[]) {
    this.#constants = constants;
  }

  process(batch: RecordBatch): void {
    for (const { key, type, bytes } of this.#constants) {
      // Once a batch: all its records share the bytes.
      const start = batch.appendBytes(bytes, 0, bytes.length);
      const end = batch.byteLength;
      for (let i = 0; i < batch.count; i++) {
        if (batch.isLive(i)) batch.setSpan(i, key, type, start, end);
      }
    }
  }
}

function constant(key: number, value: AttributeValue): Constant {
  return { key, type: typeOf(value), bytes: Buffer.from(String(value)) };
}

function typeOf(value: AttributeValue): ValueType {
  if (typeof value === 'string') return ValueType.String;
  if (typeof value === 'boolean') return value ? ValueType.True : ValueType.False;
  return Number.isSafeInteger(value) ? ValueType.Int : ValueType.Double;
}

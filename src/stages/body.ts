import type { StageDefinition } from '../component/definition.ts';
import { defaultText, flag, type Infer, object } from '../component/options.ts';
import type { Stage } from '../core/contracts.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { ValueType } from '../core/value-type.ts';

const options = object({
  field: defaultText({ doc: 'The attribute that becomes the body.', default: 'msg' }),
  keep: flag({ doc: 'Whether the attribute stays with the record.', default: false }),
});

/** The stage `body`. */
export const bodyStage: StageDefinition<Infer<typeof options>> = {
  type: 'body',
  summary:
    'Replaces the body by the value of an attribute, with its type. A record that does not have the attribute keeps its body.',
  options,
  example: {
    config: '- body: { field: msg }',
    input: '{"msg":"ready","port":8080}',
    output: '{"body":{"stringValue":"ready"},"attributes":[{"key":"port","value":{"intValue":"8080"}}]}',
  },
  looksAt: ({ field }) => [field],
  build: ({ field, keep }, { keys }) => new BodyStage(keys.internText(field), keep),
};

class BodyStage implements Stage {
  readonly #key: number;
  readonly #keep: boolean;

  constructor(key: number, keep: boolean) {
    this.#key = key;
    this.#keep = keep;
  }

  process(batch: RecordBatch): void {
    for (let i = 0; i < batch.count; i++) {
      if (!batch.isLive(i)) continue;
      const row = this.#keep ? batch.find(i, this.#key) : batch.remove(i, this.#key);
      if (row === 0) continue;
      const type = batch.attributeType[row] as ValueType;
      batch.setBody(i, type, batch.attributeStart[row]!, batch.attributeEnd[row]!);
    }
  }
}

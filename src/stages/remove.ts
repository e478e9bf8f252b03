import type { StageDefinition } from '../component/definition.ts';
import { type Infer, texts } from '../component/options.ts';
import type { Stage } from '../core/contracts.ts';
import type { RecordBatch } from '../core/record-batch.ts';

const options = texts({ doc: 'The attributes to remove.', example: '[pid, hostname]' });

/** The stage `remove`. */
export const removeStage: StageDefinition<Infer<typeof options>> = {
  type: 'remove',
  summary: 'Removes attributes.',
  options,
  example: {
    config: '- remove: [pid, hostname]',
    input: '{"pid":1,"hostname":"a","user":7}',
    output:
      '{"body":{"stringValue":"{\\"pid\\":1,\\"hostname\\":\\"a\\",\\"user\\":7}"},' +
      '"attributes":[{"key":"user","value":{"intValue":"7"}}]}',
  },
  looksAt: () => [],
  build: (names, { keys }) => new RemoveStage(names.map((name) => keys.internText(name))),
};

class RemoveStage implements Stage {
  readonly #keys: readonly number[];

  constructor(keys: readonly number[]) {
    this.#keys = keys;
  }

  process(batch: RecordBatch): void {
    for (let i = 0; i < batch.count; i++) {
      if (!batch.isLive(i)) continue;
      for (const key of this.#keys) batch.remove(i, key);
    }
  }
}

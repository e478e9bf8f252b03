import * as v from 'valibot';
import type { StageDefinition } from '../component/definition.ts';
import { described, type Infer, notList } from '../component/options.ts';
import type { Stage } from '../core/contracts.ts';
import { ConfigError } from '../core/errors.ts';
import type { RecordBatch } from '../core/record-batch.ts';

const name = v.pipe(v.string('expected text'), v.minLength(1, 'expected text that is not empty'));

const options = described(
  notList(
    v.pipe(
      v.record(name, name, 'expected a map of old and new names'),
      v.minEntries(1, 'expected at least one attribute'),
    ),
  ),
  'map',
  { doc: 'The new names of attributes, by their old ones.', example: '{ ip: client.address }' },
);

/** The stage `move`. */
export const moveStage: StageDefinition<Infer<typeof options>> = {
  type: 'move',
  summary:
    'Renames attributes, one after another in the order that is written. An attribute that already has the new name is ' +
    'replaced; one that is not there is passed over.',
  options,
  example: {
    config: '- move: { ip: client.address }',
    input: '{"ip":"10.0.0.7","status":200}',
    output:
      '{"body":{"stringValue":"{\\"ip\\":\\"10.0.0.7\\",\\"status\\":200}"},' +
      '"attributes":[{"key":"client.address","value":{"stringValue":"10.0.0.7"}},' +
      '{"key":"status","value":{"intValue":"200"}}]}',
  },
  check: (names) =>
    Object.entries(names)
      .filter(([from, to]) => from === to)
      .map(([from]) => movesNowhere(from)),
  build: (names, { keys }) =>
    new MoveStage(
      Object.entries(names).map(([from, to]) => ({ from: keys.internText(from), to: keys.internText(to) })),
    ),
};

interface Move {
  readonly from: number;
  readonly to: number;
}

class MoveStage implements Stage {
  readonly #moves: readonly Move[];

  constructor(moves: readonly Move[]) {
    this.#moves = moves;
  }

  process(batch: RecordBatch): void {
    for (let i = 0; i < batch.count; i++) {
      if (!batch.isLive(i)) continue;
      for (const { from, to } of this.#moves) {
        const row = batch.find(i, from);
        if (row === 0) continue;
        batch.remove(i, to);
        batch.attributeKey[row] = to;
      }
    }
  }
}

function movesNowhere(name: string): ConfigError {
  return new ConfigError({
    code: 'ERR_CONFIG_VALUE',
    path: [name],
    message: `Cannot move attribute ${JSON.stringify(name)}: the new name is the old one`,
    hint: 'Write it as in "move: { old_name: new.name }"',
  });
}

import type { Stage } from '../../../src/core/contracts.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import { RecordBatch } from '../../../src/core/record-batch.ts';
import { bodyStage } from '../../../src/stages/body.ts';
import { moveStage } from '../../../src/stages/move.ts';
import { removeStage } from '../../../src/stages/remove.ts';
import { setStage } from '../../../src/stages/set.ts';
import { batchOfObjects, buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const BATCHES = 200;

const keys = new KeyTable();
const context = stageContext(keys);
const objects = Array.from(
  { length: RECORDS },
  (_, i) => `{"time":${i},"level":"info","user":${i},"ip":"::1","msg":"x"}`,
);
const original = batchOfObjects(objects, keys);
const batch = new RecordBatch(keys);

const stages: { name: string; stage: Stage | undefined }[] = [
  { name: 'the copy of a batch, part of all below', stage: undefined },
  { name: 'body: { field: msg }', stage: buildStage(bodyStage, {}, context) },
  { name: 'move: two attributes', stage: buildStage(moveStage, { user: 'user.id', ip: 'client.address' }, context) },
  { name: 'set: one new, one replaced', stage: buildStage(setStage, { team: 'payments', level: 'x' }, context) },
  { name: 'remove: two attributes', stage: buildStage(removeStage, ['user', 'ip'], context) },
];

for (const { name, stage } of stages) {
  measure(name, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      batch.copyFrom(original);
      stage?.process(batch);
    }
  });
}

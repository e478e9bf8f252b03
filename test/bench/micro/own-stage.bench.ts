import type { StageDefinition } from '../../../src/component/definition.ts';
import { RecordBatch } from '../../../src/core/record-batch.ts';
import { defineStage } from '../../../src/sdk/index.ts';
import { batchOfObjects, buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const BATCHES = 200;

const context = stageContext();
const objects = Array.from({ length: RECORDS }, (_, i) => `{"level":"info","account":"DE00${i}","msg":"x"}`);
const original = batchOfObjects(objects, context.keys);
const batch = new RecordBatch(context.keys);

const type = 'own';
const summary = 'One of the stages below.';
const stages: { name: string; definition: StageDefinition<unknown> }[] = [
  { name: 'nothing, and the copy of the batch', definition: defineStage({ type, summary, build: () => () => {} }) },
  {
    name: 'one attribute read',
    definition: defineStage({ type, summary, build: () => (record) => void record.string('account') }),
  },
  {
    name: 'one attribute read and set',
    definition: defineStage({
      type,
      summary,
      build: () => (record) => record.set('account', `***${record.string('account')?.slice(-4)}`),
    }),
  },
];

for (const { name, definition } of stages) {
  const stage = buildStage(definition, {}, context);
  measure(name, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      batch.copyFrom(original);
      stage.process(batch);
    }
  });
}

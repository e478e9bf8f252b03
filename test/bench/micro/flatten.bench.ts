import { KeyTable } from '../../../src/core/key-table.ts';
import { RecordBatch } from '../../../src/core/record-batch.ts';
import { flattenStage } from '../../../src/stages/flatten/index.ts';
import { batchOfObjects, buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const BATCHES = 200;

for (const { name, value } of [
  { name: 'nothing to flatten', value: 1 },
  { name: 'two values', value: { id: 1, name: 'a' } },
  {
    name: 'nine values of three objects',
    value: {
      method: 'GET',
      url: '/api/v1/orders',
      headers: { host: 'shop.example.com', 'user-agent': 'curl/8.5.0', accept: '*/*' },
      response: { status: 200, size: 512, cached: false },
      tags: ['a', 'b'],
    },
  },
]) {
  const context = stageContext(new KeyTable());
  const line = JSON.stringify({ time: 1, level: 'info', req: value, msg: 'x' });
  const original = batchOfObjects(Array(RECORDS).fill(line), context.keys);
  const batch = new RecordBatch(context.keys);
  const stage = buildStage(flattenStage, {}, context);
  measure(`copy of ${name}`, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) batch.copyFrom(original);
  });
  measure(`flatten ${name}, copy included`, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      batch.copyFrom(original);
      stage.process(batch);
    }
  });
}

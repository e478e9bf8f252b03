import type { StageDefinition } from '../../../src/component/definition.ts';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { dedupeStage } from '../../../src/stages/dedupe/index.ts';
import { sampleStage } from '../../../src/stages/sample/index.ts';
import { throttleStage } from '../../../src/stages/throttle/index.ts';
import { truncateStage } from '../../../src/stages/truncate.ts';
import { batchOfObjects, buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const BATCHES = 200;

function bench<Options>(name: string, definition: StageDefinition<Options>, options: unknown): void {
  const context = stageContext();
  const filler = 'x'.repeat(150);
  const objects = Array.from({ length: RECORDS }, (_, i) => `{"user":"u${i % 300}","n":${i},"msg":"${filler}${i}"}`);
  const batch = batchOfObjects(objects, context.keys);
  const stage = buildStage(definition, options, context);
  const { byteLength } = batch;
  measure(name, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      stage.process(batch);
      batch.byteLength = byteLength;
      for (let record = 0; record < RECORDS; record++) batch.flags[record]! &= ~RecordFlag.Dropped;
    }
  });
}

bench('sample by place', sampleStage, { rate: 0.1 });
bench('sample by attribute', sampleStage, { rate: 0.1, by: 'user' });
bench('throttle by stream', throttleStage, { rate: '100/s' });
bench('throttle by attribute', throttleStage, { rate: '100/s', by: 'user' });
bench('dedupe, all different', dedupeStage, { window: '1ms', max_entries: 4096 });
bench('dedupe by attribute', dedupeStage, { fields: ['user'] });
bench('truncate', truncateStage, {});

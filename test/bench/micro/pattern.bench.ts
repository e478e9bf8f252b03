import { RecordBatch } from '../../../src/core/record-batch.ts';
import { patternStage } from '../../../src/stages/pattern.ts';
import { batchOf } from '../../harness/batch.ts';
import { buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { ACCESS_EXPRESSION, ACCESS_PATTERN, accessLines } from './access-lines.ts';
import { measure } from './measure.ts';

const BATCHES = 200;

const lines = accessLines(1000);
const context = stageContext();
const original = batchOf(lines, context.keys);
const batch = new RecordBatch(context.keys);

const stages = [{ name: 'pattern', stage: buildStage(patternStage, ACCESS_PATTERN, context) }];
measure('the copy of the batch', lines.length * BATCHES, () => {
  for (let i = 0; i < BATCHES; i++) batch.copyFrom(original);
});
for (const { name, stage } of stages) {
  measure(`the copy of the batch, ${name}`, lines.length * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      batch.copyFrom(original);
      stage.process(batch);
    }
  });
  if (batch.failures.length > 0) throw new Error(`Cannot read lines: ${batch.failures[0]?.reason}`);
}

const expression = new RegExp(ACCESS_EXPRESSION);
let length = 0;
measure('V8 alone: text and groups, no attributes', lines.length * BATCHES, () => {
  for (let i = 0; i < BATCHES; i++) {
    for (let record = 0; record < original.count; record++) {
      const text = original.bytes.toString('utf8', original.bodyStart[record]!, original.bodyEnd[record]!);
      length += expression.exec(text)?.length ?? 0;
    }
  }
});
if (length === 0) throw new Error('Cannot match lines');

import { RecordBatch } from '../../../src/core/record-batch.ts';
import { patternStage } from '../../../src/stages/pattern.ts';
import { regexStage } from '../../../src/stages/regex.ts';
import { batchOf } from '../../harness/batch.ts';
import { buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { ACCESS_EXPRESSION, ACCESS_PATTERN, ACCESS_TYPES, accessLines } from './access-lines.ts';
import { measure } from './measure.ts';

const BATCHES = 200;

const lines = accessLines(1000);
const context = stageContext();
const original = batchOf(lines, context.keys);
const batch = new RecordBatch(context.keys);

const stages = [
  { name: 'pattern', stage: buildStage(patternStage, ACCESS_PATTERN, context) },
  { name: 'regex', stage: buildStage(regexStage, { match: ACCESS_EXPRESSION, types: ACCESS_TYPES }, context) },
];
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

for (const { name, flags } of [
  { name: 'V8 alone: text and groups', flags: '' },
  { name: 'V8 alone: text, groups and their places', flags: 'd' },
]) {
  const expression = new RegExp(ACCESS_EXPRESSION.replaceAll(/\?<[^>]*>/g, ''), flags);
  let length = 0;
  measure(name, lines.length * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      for (let record = 0; record < original.count; record++) {
        const text = original.bytes.toString('utf8', original.bodyStart[record]!, original.bodyEnd[record]!);
        const groups = expression.exec(text);
        length += groups?.indices?.length ?? groups?.length ?? 0;
      }
    }
  });
  if (length === 0) throw new Error('Cannot match lines');
}

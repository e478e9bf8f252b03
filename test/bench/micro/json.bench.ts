import { KeyTable } from '../../../src/core/key-table.ts';
import { jsonStage } from '../../../src/stages/json/index.ts';
import { batchOf } from '../../harness/batch.ts';
import { buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const BATCHES = 100;

/** What a logger writes: ten attributes, strings and numbers, one with an escape. */
function lineOf(i: number): string {
  return JSON.stringify({
    level: 'info',
    time: `2026-01-02T03:04:05.${100 + (i % 900)}Z`,
    pid: 4711,
    hostname: 'checkout-7d9f8b6c5-x2x4z',
    method: i % 3 === 0 ? 'POST' : 'GET',
    path: `/api/v1/orders/${i}`,
    status: 200,
    duration_ms: i / 7,
    msg: i % 10 === 0 ? 'said "done"' : 'request completed',
    user: { id: i, name: 'a b' },
  });
}

for (const { name, options, wrap } of [
  { name: 'a body', options: {}, wrap: (line: string) => line },
  {
    name: 'an attribute',
    options: { field: 'log' },
    wrap: (line: string) => JSON.stringify({ log: line }),
  },
]) {
  const context = stageContext(new KeyTable());
  const lines = Array.from({ length: RECORDS }, (_, i) => wrap(lineOf(i)));
  const source = batchOf(lines, context.keys);
  if ('field' in options) buildStage(jsonStage, {}, context).process(source);
  const batch = batchOf([], context.keys);
  const stage = buildStage(jsonStage, options, context);
  measure(`copy of ${name}`, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) batch.copyFrom(source);
  });
  measure(`json of ${name}, copy included`, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      batch.copyFrom(source);
      stage.process(batch);
    }
  });
}

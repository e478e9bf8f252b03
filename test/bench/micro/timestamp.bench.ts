import { timestampStage } from '../../../src/stages/timestamp/index.ts';
import { batchOfObjects, buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const BATCHES = 200;
const FIRST_UNIX_MS = Date.UTC(2026, 0, 1, 12);

const iso = (i: number): string => JSON.stringify(new Date(FIRST_UNIX_MS + 7 * i).toISOString());
const local = (i: number): string => iso(i).replace('Z', '').replace('T', ' ');
const epoch = (i: number): string => String(FIRST_UNIX_MS + 7 * i);
const second = (i: number): string => String(i % 60).padStart(2, '0');
const clf = (i: number): string => `"01/Jan/2026:12:00:${second(i)} +0100"`;
const syslog = (i: number): string => `"Jan  1 12:00:${second(i)}"`;
const perSecond = (value: (i: number) => string) => (i: number) => value(i >>> 7);

for (const { name, value, options } of [
  { name: 'iso8601 by auto', value: iso, options: {} },
  { name: 'iso8601', value: iso, options: { format: 'iso8601' } },
  { name: 'iso8601, local, Europe/Berlin', value: local, options: { timezone: 'Europe/Berlin' } },
  { name: 'epoch ms by auto', value: epoch, options: {} },
  { name: 'epoch ms', value: epoch, options: { format: 'epoch_ms' } },
  { name: '%d/%b/%Y:%H:%M:%S %z', value: clf, options: { format: '%d/%b/%Y:%H:%M:%S %z' } },
  { name: 'the same, 128 records a second', value: perSecond(clf), options: { format: '%d/%b/%Y:%H:%M:%S %z' } },
  { name: '%b %e %T, no year', value: syslog, options: { format: '%b %e %T' } },
]) {
  const context = stageContext();
  const objects = Array.from({ length: RECORDS }, (_, i) => `{"level":"info","time":${value(i)},"msg":"x"}`);
  const batch = batchOfObjects(objects, context.keys);
  const stage = buildStage(timestampStage, { ...options, keep: true }, context);
  measure(name, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) stage.process(batch);
  });
  if (batch.failures.length > 0) throw new Error(`Cannot read times: ${name}`);
}

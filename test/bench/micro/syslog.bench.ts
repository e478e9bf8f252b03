import { KeyTable } from '../../../src/core/key-table.ts';
import { RecordBatch } from '../../../src/core/record-batch.ts';
import { syslogStage } from '../../../src/stages/syslog/index.ts';
import { batchOf } from '../../harness/batch.ts';
import { buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const BATCHES = 200;

const second = (i: number): string => String(i % 60).padStart(2, '0');
const message = 'Accepted publickey for anna from 10.0.0.7 port 51122 ssh2';

for (const { name, line } of [
  { name: 'nothing but the copy of the batch', line: undefined },
  { name: 'file of rsyslog', line: (i: number) => `Jan  1 12:00:${second(i)} gate sshd[8${i}]: ${message}` },
  {
    name: 'file of rsyslog, ISO time',
    line: (i: number) => `2026-01-01T12:00:${second(i)}.123+02:00 gate sshd[8${i}]: ${message}`,
  },
  { name: 'RFC 3164', line: (i: number) => `<38>Jan  1 12:00:${second(i)} gate sshd[8${i}]: ${message}` },
  {
    name: 'RFC 5424',
    line: (i: number) => `<38>1 2026-01-01T12:00:${second(i)}.123Z gate sshd 8${i} ID1 - ${message}`,
  },
  {
    name: 'RFC 5424 with two parameters',
    line: (i: number) =>
      `<38>1 2026-01-01T12:00:${second(i)}.123Z gate sshd 8${i} ID1 [m@1 seq="${i}" lang="en"] ${message}`,
  },
]) {
  const keys = new KeyTable();
  const original = batchOf(
    Array.from({ length: RECORDS }, (_, i) => line?.(i) ?? message),
    keys,
  );
  const batch = new RecordBatch(keys, 1 << 20);
  const stage = line === undefined ? undefined : buildStage(syslogStage, {}, stageContext(keys));
  measure(name, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      batch.copyFrom(original);
      stage?.process(batch);
    }
  });
  if (batch.failures.length > 0) throw new Error(`Cannot read lines: ${name}`);
}

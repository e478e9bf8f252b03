import { KeyTable } from '../../../src/core/key-table.ts';
import { RecordBatch } from '../../../src/core/record-batch.ts';
import { clfStage } from '../../../src/stages/clf/index.ts';
import { batchOf } from '../../harness/batch.ts';
import { buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const BATCHES = 200;

const second = (i: number): string => String(i % 60).padStart(2, '0');
const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';
const common = (i: number): string =>
  `10.0.${i % 256}.7 - - [02/Jan/2026:04:04:${second(i)} +0100] "GET /shop/cart/${i}?id=${7 * i} HTTP/1.1" 200 ${612 + i}`;

/** What a program without columns does: a pattern, and an object a record. */
const PATTERN =
  /^(?<client>\S+) \S+ (?<user>\S+) \[(?<time>[^\]]+)\] "(?<method>\S+) (?<target>\S+) HTTP\/(?<version>[^"]+)" (?<status>\d{3}) (?<size>\d+|-)(?: "(?<referer>[^"]*)" "(?<agent>[^"]*)")?/;

for (const { name, line } of [
  { name: 'common', line: common },
  { name: 'combined, no referer', line: (i: number) => `${common(i)} "-" "${agent}"` },
  { name: 'combined', line: (i: number) => `${common(i)} "https://shop.example/list?page=${i}" "${agent}"` },
  { name: 'combined, another field', line: (i: number) => `${common(i)} "https://shop.example/" "${agent}" "-"` },
  {
    name: 'combined, escapes in the request',
    line: (i: number) => `${common(i).replace('id', '\\x22')} "-" "${agent}"`,
  },
]) {
  const keys = new KeyTable();
  const original = batchOf(
    Array.from({ length: RECORDS }, (_, i) => line(i)),
    keys,
  );
  const batch = new RecordBatch(keys, 1 << 20);
  const stage = buildStage(clfStage, {}, stageContext(keys));
  measure(name, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      batch.copyFrom(original);
      stage.process(batch);
    }
  });
  if (batch.failures.length > 0) throw new Error(`Cannot read lines: ${name}`);
  let matched = 0;
  measure('  the same by a pattern', RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      batch.copyFrom(original);
      for (let record = 0; record < batch.count; record++) {
        const text = batch.text(batch.bodyStart[record]!, batch.bodyEnd[record]!);
        if (PATTERN.exec(text)?.groups !== undefined) matched++;
      }
    }
  });
  if (matched === 0) throw new Error(`The pattern matches nothing: ${name}`);
}

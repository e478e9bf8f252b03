import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bodyStage } from '../../../src/stages/body.ts';
import { redactStage } from '../../../src/stages/redact/index.ts';
import { batchOfObjects, buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { generateJsonLog } from '../generate-json-log.ts';
import { measure } from './measure.ts';

const RECORDS = 900;
const BATCHES = 200;

const folder = mkdtempSync(join(tmpdir(), 'pillion-redact-'));
generateJsonLog(join(folder, 'app.log'), RECORDS);
const lines = readFileSync(join(folder, 'app.log'), 'utf8').trimEnd().split('\n');
rmSync(folder, { recursive: true });

const THREE = ['email', 'credit_card', 'bearer_token'];

for (const { name, options, change } of [
  { name: 'three detectors', options: { detect: THREE } },
  { name: 'three detectors, names left alone', options: { detect: THREE, keys: false } },
  ...['email', 'credit_card', 'iban', 'jwt', 'bearer_token', 'aws_key', 'private_key', 'ip'].map((detector) => ({
    name: detector,
    options: { detect: [detector] },
  })),
  { name: 'all but ip', options: {} },
  { name: 'a pattern', options: { detect: [], patterns: { employee_id: 'E\\d{6}' } } },
  { name: 'three detectors, an address a line', options: { detect: THREE }, change: withAddress },
]) {
  const context = stageContext();
  const batch = batchOfObjects(change === undefined ? lines : lines.map(change), context.keys);
  buildStage(bodyStage, {}, context).process(batch);
  const stage = buildStage(redactStage, options, context);
  const { byteLength } = batch;
  const columns = [batch.bodyStart, batch.bodyEnd, batch.attributeStart, batch.attributeEnd] as const;
  const before = columns.map((column) => column.slice());
  measure(name, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      stage.process(batch);
      if (batch.byteLength === byteLength) continue;
      batch.byteLength = byteLength;
      for (const [index, column] of columns.entries()) column.set(before[index]!);
    }
  });
}

function withAddress(line: string, index: number): string {
  return line.replace('"msg":"', `"msg":"ann${index}@example.com `);
}

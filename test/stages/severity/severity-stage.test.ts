import assert from 'node:assert/strict';
import { test } from 'node:test';
import { severityStage } from '../../../src/stages/severity/index.ts';
import { plainRecord } from '../../harness/batch.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from '../stage-fixture.ts';

test('the example of severity holds', () => assertExample(severityStage));

/** Appendix B of the OpenTelemetry log data model, and pino, bunyan, Python and klog. */
const TABLES = {
  OTLP: { TRACE: 1, TRACE2: 2, DEBUG: 5, DEBUG4: 8, INFO: 9, INFO3: 11, WARN: 13, ERROR: 17, FATAL: 21, FATAL4: 24 },
  syslog: {
    debug: 5,
    informational: 9,
    info: 9,
    notice: 10,
    warning: 13,
    error: 17,
    err: 17,
    crit: 18,
    alert: 19,
    emergency: 21,
    emerg: 21,
  },
  Windows: { Verbose: 5, Information: 9, Warning: 13, Error: 17 },
  log4j: { TRACE: 1, DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 },
  zap: { debug: 5, info: 9, warn: 13, error: 17, dpanic: 18, panic: 19, fatal: 21 },
  'java.util.logging': { FINEST: 1, FINER: 5, FINE: 6, CONFIG: 7, INFO: 9, WARNING: 13, SEVERE: 17 },
  '.NET': { Trace: 1, Debug: 5, Information: 9, Warning: 13, Error: 17, Critical: 21, trce: 1, dbug: 5, fail: 17 },
  Python: { DEBUG: 5, INFO: 9, WARNING: 13, ERROR: 17, CRITICAL: 21 },
  klog: { I: 9, W: 13, E: 17, F: 21 },
  pino: { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 },
};

for (const [logger, levels] of Object.entries(TABLES)) {
  test(`severity knows the names of ${logger}, in any case`, () => {
    for (const [level, expected] of Object.entries(levels)) {
      for (const written of [level, level.toLowerCase(), level.toUpperCase()]) {
        const record = plainRecord(processObjects(severityStage, {}, [JSON.stringify({ level: written })]), 0);
        assert.deepEqual([record.severityNumber, record.severityText], [expected, written]);
      }
    }
  });
}

for (const { numbers, levels } of [
  { numbers: 'pino', levels: { 10: 1, 20: 5, 30: 9, 40: 13, 50: 17, 60: 21, 0: 0, 5: 0, 35: 0, 100: 0 } },
  { numbers: 'python', levels: { 10: 5, 20: 9, 30: 13, 40: 17, 50: 21, 60: 0, 3: 0 } },
  { numbers: 'syslog', levels: { 7: 5, 6: 9, 5: 10, 4: 13, 3: 17, 2: 18, 1: 19, 0: 21, 10: 0, 8: 0 } },
]) {
  test(`severity knows the numbers of ${numbers}, as numbers and as text`, () => {
    for (const [level, expected] of Object.entries(levels)) {
      for (const written of [level, JSON.stringify(level)]) {
        const batch = processObjects(severityStage, { numbers }, [`{"level":${written}}`]);
        const record = plainRecord(batch, 0);
        assert.deepEqual([record.severityNumber, record.severityText], [expected, level]);
      }
    }
  });
}

test('severity takes numbers for those of pino when nothing is said', () => {
  assert.equal(plainRecord(processObjects(severityStage, {}, ['{"level":30}']), 0).severityNumber, 9);
});

test("severity prefers the user's own levels", () => {
  const map = { audit: 'INFO', '35': 'WARN2', ERROR: 18, Größe: 'DEBUG', '30': 'TRACE' };
  const written = ['"audit"', '"AUDIT"', '35', '"35"', '"error"', '"Größe"', '"GRÖßE"', '30', '40'];
  const numbers = written.map(
    (level) => plainRecord(processObjects(severityStage, { map }, [`{"level":${level}}`]), 0).severityNumber,
  );
  assert.deepEqual(numbers, [9, 9, 14, 14, 18, 5, 0, 1, 13]);
});

for (const { name, level } of [
  { name: 'a level that nobody knows', level: '"loud"' },
  { name: 'a level in brackets', level: '"[INFO]"' },
  { name: 'a level with a blank', level: '"INFO "' },
  { name: 'the beginning of a level', level: '"INF O"' },
  { name: 'a level with more behind it', level: '"INFOS"' },
  { name: 'a number with a fraction', level: '30.5' },
  { name: 'a negative number', level: '-30' },
  { name: 'a very long text', level: JSON.stringify('info'.repeat(1000)) },
]) {
  test(`severity gives no number, but the text, to ${name}`, () => {
    const record = plainRecord(processObjects(severityStage, {}, [`{"level":${level}}`]), 0);
    assert.equal(record.severityNumber, 0);
    assert.equal(record.severityText, String(JSON.parse(level)));
    assert.deepEqual(record.attributes, {});
    assert.equal(record.flags, 0);
  });
}

for (const level of ['null', '""', 'true', '{"name":"info"}', '["info"]']) {
  test(`severity leaves a record alone whose level is ${level}`, () => {
    const batch = batchOfObjects([`{"level":${level}}`]);
    const before = plainRecord(batch, 0);
    buildStage(severityStage, {}, stageContext(batch.keys)).process(batch);
    assert.deepEqual(plainRecord(batch, 0), before);
  });
}

test('severity keeps the attribute when it is told to, and leaves other records alone', () => {
  const context = stageContext();
  const batch = batchOfObjects(['{"severity":"warn"}', '{"level":"warn"}', '{"severity":"warn"}'], context.keys);
  batch.drop(2);
  buildStage(severityStage, { field: 'severity', keep: true }, context).process(batch);
  const records = [0, 1, 2].map((record) => plainRecord(batch, record));
  assert.deepEqual(
    records.map(({ severityNumber }) => severityNumber),
    [13, 0, 0],
  );
  assert.deepEqual(records[0]!.attributes, { severity: 'warn' });
});

for (const { name, options, path } of [
  { name: 'a severity that is none', options: { map: { audit: 'LOUD' } }, path: ['map', 'audit'] },
  { name: 'a number beyond 24', options: { map: { audit: 25 } }, path: ['map', 'audit'] },
  { name: 'the number 0', options: { map: { audit: 0 } }, path: ['map', 'audit'] },
  { name: 'a list', options: { map: ['audit'] }, path: ['map'] },
  { name: 'unknown numbers', options: { numbers: 'zap' }, path: ['numbers'] },
]) {
  test(`severity refuses ${name}`, () => {
    const errors = optionErrors(severityStage, options);
    assert.deepEqual(
      errors.map((error) => error.path),
      [path],
    );
    assert.match(errors[0]!.message, /expected/);
  });
}

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ExpositionError } from '../../../../src/codec/prometheus/parse/exposition-error.ts';
import { parseOpenMetrics } from '../../../../src/codec/prometheus/parse/parse-text.ts';
import { SeriesCache } from '../../../../src/codec/prometheus/parse/series-cache.ts';

const folder = join(import.meta.dirname, '../../../../../shared/corpora/openmetrics/parsers');
const names = listFolders();
const skip = names.length === 0 && 'platform: the corpora do not lie beside the project';

test('parseOpenMetrics() takes what OpenMetrics takes, and refuses the rest', { skip }, () => {
  const verdicts = names.map((name) => [name, verdictOf(name)]);
  const expected = names.map((name) => [name, expectedOf(name)]);
  assert.deepEqual(verdicts, expected);
});

function listFolders(): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function expectedOf(name: string): 'good' | 'bad' {
  const { shouldParse } = JSON.parse(readFileSync(join(folder, name, 'test.json'), 'utf8'));
  return shouldParse === true ? 'good' : 'bad';
}

function verdictOf(name: string): 'good' | 'bad' {
  const text = readFileSync(join(folder, name, 'metrics'));
  try {
    parseOpenMetrics(text, { cache: new SeriesCache(), honorTimestamps: true });
    return 'good';
  } catch (error) {
    assert.ok(error instanceof ExpositionError);
    return 'bad';
  }
}

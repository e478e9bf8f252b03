import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outcomes } from '../../src/agent/cases.ts';
import { readyMade } from '../harness/ready-made.ts';

const FOLDER = join(import.meta.dirname, '../../../shared/corpora/loghub');
const skip = existsSync(FOLDER) ? false : 'the corpora are not here';

/** The systems whose lines have a level. */
const HAVE_LEVELS = ['Android', 'Apache', 'OpenStack', 'Spark'];

test('use: auto alone finds the time of the lines of loghub, and their severity where they have one', {
  skip,
}, async (t) => {
  const files = globSync('*/*_2k.log', { cwd: FOLDER }).sort();
  assert.ok(files.length > 0);
  for (const file of files) {
    const records = outcomes(readFileSync(join(FOLDER, file)), { ...(await readyMade('auto')), stream: file });
    const share = (field: string): number => records.filter((fields) => fields.has(field)).length / records.length;
    const failed = records.filter((fields) => fields.get('marks')?.includes('parse_failed') === true).length;
    const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
    t.diagnostic(
      `${file}: ${records.length} records, time ${percent(share('time'))}, severity ${percent(share('severity'))}`,
    );
    assert.ok(share('time') >= 0.99, `${file}: time`);
    if (HAVE_LEVELS.some((system) => file.startsWith(system)))
      assert.ok(share('severity') >= 0.99, `${file}: severity`);
    assert.ok(failed <= 0.01 * records.length, `${file}: ${failed} records were not read`);
  }
});

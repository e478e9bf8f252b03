import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { READY_MADE_FOLDER, readyMadeNames } from '../../src/config/ready-made.ts';
import type { Detection } from '../../src/detect/detection.ts';
import { FORMS } from '../../src/detect/forms/all-forms.ts';
import { detectedOf, detectorOf } from '../harness/detector.ts';
import { expectedNames } from './expected-formats.ts';

const corpora = join(import.meta.dirname, '../../../shared/corpora');
const skip = existsSync(join(corpora, 'loghub')) ? false : 'the corpora are not there';

/** Files whose lines programs wrote, by the ways in which the corpora keep them. */
const FILES = ['loghub/*/*.log', 'elastic-beats/oss-apache2/**/*.log', 'crowdsec-hub/*/input.log', 'mtail/*.log'];

const MAX_BYTES = 256 * 1024;

const KNOWN = [...readyMadeNames(READY_MADE_FOLDER), ...FORMS.map(({ name }) => name)];

/** `open`: there is no pipeline for the file, and it was not taken for one that there is. */
function verdictOf({ best, confidence }: Detection, names: RegExp | undefined): 'right' | 'wrong' | 'unsure' | 'open' {
  const isJudged = names !== undefined && KNOWN.some((name) => names.test(name));
  if (best !== undefined && names?.test(best.name) === true) return 'right';
  if (best?.isReadyMade === true) return confidence?.level === 'high' ? 'wrong' : 'unsure';
  return isJudged ? 'unsure' : 'open';
}

test('detect says what the files of the corpora are, and is never sure of what is wrong', { skip }, async (t) => {
  const parts = await detectorOf();
  const counts = { right: 0, wrong: 0, unsure: 0, open: 0 };
  const wrong: string[] = [];
  for (const file of globSync(FILES, { cwd: corpora }).sort()) {
    const input = readFileSync(join(corpora, file)).subarray(0, MAX_BYTES);
    const { detection, multiline, unmatchedRecords, records } = detectedOf(parts, input);
    const verdict = verdictOf(detection, expectedNames(corpora, file));
    counts[verdict]++;
    const { best, confidence } = detection;
    const found = best === undefined ? 'nothing' : `${best.name} ${confidence?.level} ${confidence?.value}`;
    const grouping = multiline === undefined ? '' : ` ${JSON.stringify(multiline)}`;
    const line = `${verdict.padEnd(6)} ${file}: ${found} (${records - unmatchedRecords}/${records})${grouping}`;
    t.diagnostic(line);
    if (verdict === 'wrong') wrong.push(line);
  }
  const { right, unsure, open } = counts;
  t.diagnostic(`${right} right, ${unsure} not, ${wrong.length} wrong with high confidence; ${open} of other software`);
  assert.deepEqual(wrong, []);
  assert.ok(right / (right + unsure) >= 0.95, 'less than 95 % of the files are named rightly');
});

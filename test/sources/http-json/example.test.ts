import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { httpJsonSource } from '../../../src/sources/http-json/index.ts';
import { listen, scrapeWith } from '../../harness/scraping.ts';

test('the example reads what its comment shows', { timeout: 30_000 }, async (t) => {
  const text = readFileSync(join(import.meta.dirname, '../../../examples/http-json.yaml'), 'utf8');
  const lines = [...text.matchAll(/^# {3}(.*)$/gm)].map((match) => match[1]);
  const { type: _, ...options } = (parse(text) as { sources: { shop: Record<string, unknown> } }).sources.shop;
  const target = await listen(t, (_, response) => void response.end(lines.join('\n')));
  const { shown } = await scrapeWith(t, httpJsonSource, { ...options, targets: [target] });
  const withoutStart = shown().map((line) => line.replace(/ from \d+$/, ''));
  assert.deepEqual(withoutStart, [
    'counter shop.orders [{order}]',
    '  {outcome="placed"} 1200',
    '  {outcome="refused"} 7',
    'up_down_counter shop.pool.connections [{connection}] "Connections of a pool, by what they do."',
    '  {pool="db",state="used"} 3',
    '  {pool="db",state="free"} 5',
    '  {pool="mail",state="used"} 0',
    '  {pool="mail",state="free"} 2',
    'histogram shop.request.duration [s]',
    '  {} 100|2800|100 under 0.01|0.1 sum 90',
    'gauge shop.status',
    '  {state="ok"} 1',
    '  {state="failed"} 0',
  ]);
});

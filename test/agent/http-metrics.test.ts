import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outcomes } from '../../src/agent/cases.ts';
import { readyMade } from '../harness/ready-made.ts';

const PIPELINES = join(import.meta.dirname, '../../pipelines');

/** How `http_metrics` counts the requests of each access log: those with a duration, and those without. */
const EXPECTED: Record<string, { readonly timed: boolean; readonly untimed: boolean }> = {
  apache: { timed: false, untimed: true },
  caddy: { timed: true, untimed: false },
  envoy: { timed: true, untimed: false },
  'envoy-json': { timed: true, untimed: false },
  haproxy: { timed: true, untimed: false },
  'istio-proxy': { timed: true, untimed: false },
  nginx: { timed: true, untimed: true },
  openstack: { timed: true, untimed: false },
  'php-fpm': { timed: false, untimed: true },
  pino: { timed: true, untimed: false },
  rails: { timed: true, untimed: false },
  traefik: { timed: true, untimed: true },
};

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(`http_metrics counts the requests of ${name}, each once`, async () => {
    const options = await readyMade(name, ['http_metrics']);
    const found = { timed: false, untimed: false };
    for (const path of globSync('cases/*.log', { cwd: join(PIPELINES, name) })) {
      const input = readFileSync(join(PIPELINES, name, path));
      for (const fields of outcomes(input, { ...options, stream: path })) {
        const status = fields.get('attributes.http.response.status_code') ?? '';
        const counts = JSON.parse(fields.get('counts') ?? '[]') as string[];
        assert.equal(counts.length, /^"?[1-5]\d\d"?$/.test(status) ? 1 : 0, [...fields].join(' '));
        if (counts[0]?.startsWith('http.server.request.duration{')) found.timed = true;
        if (counts[0]?.startsWith('http.server.requests{')) found.untimed = true;
      }
    }
    assert.deepEqual(found, expected);
  });
}

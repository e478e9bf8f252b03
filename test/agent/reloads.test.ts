import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { loadOwnStage } from '../../src/agent/load-own-stage.ts';
import { Reloads } from '../../src/agent/reloads.ts';
import { catalog } from '../../src/catalog.ts';
import type { LoadedConfig } from '../../src/config/agent-config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

const TEXT = `sources: { app: { type: file, include: [/a.log] } }
pipelines: { logs: { from: [app], to: [out] } }
sinks: { out: { type: console } }
`;
const CHANGED = TEXT.replace('/a.log', '/b.log');

function load(text: string): Promise<LoadedConfig> {
  return loadConfig({ text, file: 'pillion.yaml', env: {}, catalog, loadStage: loadOwnStage });
}

/** Reloads of an agent that notes what it is to do; `text` is what the file holds. */
async function setReloads(_t: TestContext) {
  const log: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log.push(JSON.parse(String(chunk)) as Record<string, unknown>);
      done();
    },
  });
  const first = await load(TEXT);
  assert.ok(first.ok);
  const agent = { text: TEXT, loads: 0, changes: [] as unknown[], isEnding: false, change: () => Promise.resolve() };
  const metrics = new Metrics();
  const clock = new FakeClock();
  const reloads = new Reloads({
    first,
    load() {
      agent.loads++;
      return load(agent.text);
    },
    reconfigure(_config, diff) {
      agent.changes.push(diff.sources.changed);
      return agent.change();
    },
    isEnding: () => agent.isEnding,
    onReloaded: () => {},
    clock,
    logger: createLogger({ level: 'debug', pretty: false, stream }),
    metrics,
  });
  const errors = (): unknown[] => log.filter(({ level }) => level === 'error');
  return { agent, reloads, metrics, clock, log, errors };
}

test('request() takes over what has changed, and does nothing where that is nothing', async (t) => {
  const { agent, reloads } = await setReloads(t);
  assert.deepEqual(await reloads.request({ isAsked: false }), { result: 'unchanged' });
  agent.text = CHANGED;
  const { result } = await reloads.request({ isAsked: false });
  assert.equal(result, 'reloaded');
  assert.deepEqual(await reloads.request({ isAsked: false }), { result: 'unchanged' });
  assert.deepEqual(agent.changes, [['app']]);
  assert.equal(reloads.report().last_reload, 'succeeded');
});

test('request() says what is wrong once, unless somebody asks, and again when something else is', async (t) => {
  const { agent, reloads, metrics, errors } = await setReloads(t);
  agent.text = TEXT.replace('include', 'inculde');
  await reloads.request({ isAsked: false });
  await reloads.request({ isAsked: false });
  assert.equal(errors().length, 1);
  await reloads.request({ isAsked: true });
  assert.equal(errors().length, 2);
  agent.text = TEXT.replace('console', 'consle');
  await reloads.request({ isAsked: false });
  assert.equal(errors().length, 3);
  assert.deepEqual(agent.changes, []);
  const { last_reload, errors: shown } = reloads.report();
  assert.equal(last_reload, 'failed');
  assert.deepEqual(
    shown?.map(({ line, code }) => [line, code]),
    [[3, 'ERR_CONFIG_VALUE']],
  );
  assert.equal(metrics.sum('pillion_config_last_reload_successful'), 0);
  agent.text = TEXT;
  await reloads.request({ isAsked: false });
  assert.equal(metrics.sum('pillion_config_last_reload_successful'), 1);
  assert.deepEqual(metrics.sumBy('pillion_config_reloads_total', 'result'), { failure: 4, success: 1 });
});

test('request() runs one reload at a time, and all who ask meanwhile share the next', async (t) => {
  const { agent, reloads } = await setReloads(t);
  const { promise, resolve } = Promise.withResolvers<void>();
  agent.change = () => promise;
  agent.text = CHANGED;
  const first = reloads.request({ isAsked: true });
  while (agent.changes.length === 0) await new Promise(setImmediate);
  agent.text = TEXT;
  const others = [1, 2, 3].map(() => reloads.request({ isAsked: true }));
  await new Promise(setImmediate);
  assert.equal(agent.loads, 1);
  resolve();
  assert.equal((await first).result, 'reloaded');
  assert.deepEqual(
    (await Promise.all(others)).map(({ result }) => result),
    ['reloaded', 'reloaded', 'reloaded'],
  );
  assert.deepEqual([agent.loads, agent.changes], [2, [['app'], ['app']]]);
});

test('request() leaves the old configuration where a part cannot be built', async (t) => {
  const { agent, reloads } = await setReloads(t);
  agent.text = CHANGED;
  agent.change = () => {
    throw new Error('no');
  };
  const failed = await reloads.request({ isAsked: false });
  assert.ok(failed.result === 'failed');
  assert.equal(failed.errors[0]?.message, 'Cannot build what is configured: no');
  agent.change = () => Promise.resolve();
  assert.equal((await reloads.request({ isAsked: false })).result, 'reloaded', 'it is tried again');
});

test('request() takes nothing over while the agent ends, and says so only to who asks', async (t) => {
  const { agent, reloads, metrics, errors } = await setReloads(t);
  agent.text = CHANGED;
  const changed = Promise.withResolvers<void>();
  agent.change = () => changed.promise;
  const running = reloads.request({ isAsked: true });
  // The watch has seen the same change, and waits for its turn.
  const next = reloads.request({ isAsked: false });
  while (agent.changes.length === 0) await new Promise(setImmediate);
  agent.isEnding = true;
  changed.resolve();
  assert.equal((await running).result, 'reloaded');
  agent.text = TEXT;
  assert.equal((await next).result, 'unchanged');
  assert.equal((await reloads.request({ isAsked: false })).result, 'unchanged');
  assert.deepEqual(errors(), []);
  assert.equal(metrics.sum('pillion_config_last_reload_successful'), 1);
  const late = await reloads.request({ isAsked: true });
  assert.ok(late.result === 'failed');
  assert.match(late.errors[0]?.message ?? '', /drains/);
});

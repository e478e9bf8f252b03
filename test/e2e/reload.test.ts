import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ADMIN, addUp, adminOf, askLedger, askMetrics, assertLedger } from '../harness/admin.ts';
import { type PillionProcess, runPillion, startAgent } from '../harness/agent-process.ts';
import { assertAllArrived, sinkTo } from '../harness/agent-setting.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import { NumberedLog } from '../harness/numbered-log.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';
import { BusyLog, putConfig, reload } from '../harness/reload.ts';

const limit = { timeout: 120_000 };

type Parts = Readonly<Record<string, object>>;

/** An agent between a log and a backend, and what makes other configurations of it. */
async function setReloading(t: TestContext) {
  const folder = temporaryFolder(t);
  const [near, far] = [await OtlpBackend.open(t), await OtlpBackend.open(t)];
  const log = new NumberedLog(folder);
  const otherLogs = join(folder, 'other');
  mkdirSync(otherLogs);
  const app = { type: 'file', include: [join(folder, 'logs/app.log')], poll_interval: '20ms' };
  const other = { type: 'file', include: [join(otherLogs, '*.log')], poll_interval: '20ms' };
  const configOf = (
    changes: { app?: object; near?: object; stages?: unknown[]; to?: string[]; sources?: Parts; top?: object } = {},
  ): object => {
    const { to = ['near'], stages = ['json'] } = changes;
    const sources = { app: { ...app, ...changes.app }, ...changes.sources };
    const sinks = { near: sinkTo(near, changes.near), far: sinkTo(far) };
    return {
      state: join(folder, 'state'),
      admin: ADMIN,
      reload: 'manual',
      sources,
      pipelines: { logs: { from: Object.keys(sources), stages, to } },
      sinks: Object.fromEntries(Object.entries(sinks).filter(([name]) => to.includes(name))),
      ...changes.top,
    };
  };
  return { folder, near, far, log, other, otherLogs, configOf };
}

async function change(agent: PillionProcess, folder: string, config: object): Promise<void> {
  putConfig(folder, config);
  const { status, answer } = await reload(agent);
  assert.equal(status, 200, JSON.stringify(answer));
  assert.equal(answer.result, 'reloaded');
}

async function endWell(agent: PillionProcess, near: OtlpBackend, log: NumberedLog): Promise<void> {
  await until('all has arrived', () => near.distinct === log.written, 30_000);
  assertLedger(await askLedger(agent));
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assertAllArrived(near, log);
  assert.equal(near.repeats, 0);
}

test('reloads under load lose nothing and repeat nothing, whatever changes', limit, async (t) => {
  const { folder, near, log, other, configOf } = await setReloading(t);
  const agent = await startAgent(t, folder, configOf());
  const busy = new BusyLog(t, log, { linesPerFile: 2000 });
  const configs: object[] = [
    configOf({ stages: ['json', { set: { colour: 'red' } }] }),
    configOf({ near: { flush_interval: '50ms' } }),
    configOf({ app: { max_record_size: '64KiB' } }),
    configOf({ app: { max_record_size: '64KiB' }, sources: { other } }),
    configOf({ to: ['near', 'far'] }),
    configOf({ to: ['near', 'far'], near: { compression: 'none' } }),
    configOf({ stages: [] }),
  ];
  for (let round = 0; round < 24; round++) {
    const before = near.distinct;
    await agent.until('more arrives', () => near.distinct > before + 50);
    if (round % 8 === 7) {
      putConfig(folder, '{ sources: ');
      const { status, answer } = await reload(agent);
      assert.deepEqual([status, answer.result], [422, 'failed']);
    } else {
      await change(agent, folder, configs[round % 8]!);
    }
  }
  await busy.stop();
  const metrics = await askMetrics(agent);
  assert.equal(metrics.get('pillion_config_reloads_total{result="success"}'), 21);
  assert.equal(metrics.get('pillion_config_reloads_total{result="failure"}'), 3);
  assert.equal(metrics.get('pillion_config_last_reload_successful'), 0);
  assert.ok(!agent.log.some(({ level }) => level === 'warn'), agent.stderr);
  await endWell(agent, near, log);
});

test(
  'a sink that cannot deliver is replaced at once, and what it could not deliver is read again',
  limit,
  async (t) => {
    const { folder, near, log, configOf } = await setReloading(t);
    const nowhere = { endpoint: 'http://127.0.0.1:9' };
    const agent = await startAgent(t, folder, configOf({ near: nowhere }));
    log.write(3000);
    await until('the sink tries again', async () => (await askLedger(agent)).sinks[0]?.state === 'retrying');
    // What nobody but the agent has any more must not be lost by the change.
    log.rotate();
    log.write(3000);
    await until('both files are open', async () => (await askLedger(agent)).streams.length === 2);
    rmSync(join(folder, 'logs/app.log.1'));
    await agent.logged('A file was deleted: it is read to its end.');
    const startMs = performance.now();
    await change(agent, folder, configOf());
    assert.ok(performance.now() - startMs < 5000, 'the sink that is down is not waited for');
    await endWell(agent, near, log);
  },
);

test(
  'a source that changes while the backend is down keeps deleted files, and repeats nothing later',
  limit,
  async (t) => {
    const { folder, near, log, configOf } = await setReloading(t);
    near.behaviour = 503;
    const agent = await startAgent(t, folder, configOf());
    log.write(3000);
    await until('the sink tries again', async () => (await askLedger(agent)).sinks[0]?.state === 'retrying');
    log.rotate();
    log.write(3000);
    await until('both files are open', async () => (await askLedger(agent)).streams.length === 2);
    rmSync(join(folder, 'logs/app.log.1'));
    await agent.logged('A file was deleted: it is read to its end.');
    await change(agent, folder, configOf({ app: { max_record_size: '32KiB' } }));
    await change(agent, folder, configOf({ app: { max_record_size: '64KiB' }, stages: [] }));
    near.behaviour = 'take';
    await endWell(agent, near, log);
  },
);

test('a source that is removed goes on where it was when it comes back', limit, async (t) => {
  const { folder, near, log, other, configOf } = await setReloading(t);
  const agent = await startAgent(t, folder, configOf({ sources: { other } }));
  const withoutApp = { ...configOf(), sources: { other }, pipelines: { logs: { from: ['other'], to: ['near'] } } };
  for (let round = 0; round < 3; round++) {
    log.write(500);
    await agent.until('some of it arrives', () => near.distinct > 500 * round);
    await change(agent, folder, withoutApp);
    const { streams, finished } = await askLedger(agent);
    assert.ok([...streams, ...finished].every(({ source }) => source !== 'app'));
    assert.ok(![...(await askMetrics(agent)).keys()].some((key) => /unread_bytes.*app|in_flight.*app/.test(key)));
    await change(agent, folder, configOf({ sources: { other } }));
  }
  await endWell(agent, near, log);
});

test('readers become one and several again without a repeat while nothing is under way', limit, async (t) => {
  const { folder, near, far, log, configOf } = await setReloading(t);
  const to = ['near', 'far'];
  const agent = await startAgent(t, folder, configOf());
  const configs = [configOf({ to }), configOf({ to, app: { readers: 'shared' } }), configOf({ to }), configOf()];
  for (const config of [...configs, ...configs]) {
    log.write(300);
    await until('all is answered', async () => {
      const sums = addUp(await askLedger(agent));
      return near.distinct === log.written && sums.inFlight + sums.unread === 0;
    });
    await change(agent, folder, config);
  }
  assert.ok(far.distinct >= 6 * 300);
  assert.equal(far.repeats, 0);
  await endWell(agent, near, log);
});

test(
  'a sink that two pipelines share is replaced for both, and a pipeline that goes leaves it to the other',
  limit,
  async (t) => {
    const { folder, near, log, other, configOf } = await setReloading(t);
    const config = (sink: object, names: readonly string[]): object => ({
      ...configOf({ near: sink, sources: { other } }),
      pipelines: Object.fromEntries(names.map((name) => [name, { from: [name], to: ['near'] }])),
    });
    const agent = await startAgent(t, folder, config({}, ['app', 'other']));
    const busy = new BusyLog(t, log);
    for (const options of [{ compression: 'none' }, {}, { max_in_flight: 1 }]) {
      const before = near.distinct;
      await agent.until('more arrives', () => near.distinct > before + 50);
      await change(agent, folder, config(options, ['app', 'other']));
    }
    await change(agent, folder, config({}, ['app']));
    await busy.stop();
    await endWell(agent, near, log);
  },
);

test(
  'a configuration that cannot be used leaves the old one in force: it is said once, and shown',
  limit,
  async (t) => {
    const { folder, near, log, configOf } = await setReloading(t);
    const auto = { top: { reload: 'auto' } };
    const agent = await startAgent(t, folder, configOf(auto));
    const message = 'The changed configuration cannot be used: the old one goes on.';
    putConfig(folder, JSON.stringify(configOf(auto), null, 2).replace('"include"', '"inculde"'));
    await agent.logged(message);
    log.write(100);
    await agent.until('all arrives', () => near.distinct === log.written);
    // The same once more is no news.
    putConfig(folder, JSON.stringify(configOf(auto), null, 2).replace('"include"', '"inculde"'));
    await until('it was read again', async () => {
      return (await askMetrics(agent)).get('pillion_config_reloads_total{result="failure"}') === 2;
    });
    const said = agent.log.filter(({ msg }) => msg === message);
    assert.equal(said.length, 1);
    const [error] = said[0]!['errors'] as string[];
    assert.match(
      String(error),
      /^pillion\.yaml:\d+:\d+: Unknown key "inculde" \(ERR_CONFIG_KEY\); hint: Did you mean "include"\?$/,
    );
    assert.equal((await askMetrics(agent)).get('pillion_config_last_reload_successful'), 0);
    const address = await adminOf(agent);
    const ready = await fetch(`http://${address}/readyz?verbose`);
    assert.equal(ready.status, 200);
    assert.match(await ready.text(), /configuration.*the old one is in force/);
    const { stdout } = await runPillion(t, ['status', '--address', address], { cwd: folder });
    assert.match(
      stdout,
      /The configuration has changed and cannot be used; the one of .* is in force:\n.*Unknown key "inculde"/,
    );
    putConfig(folder, configOf(auto));
    await until(
      'it is mended',
      async () => (await askMetrics(agent)).get('pillion_config_last_reload_successful') === 1,
    );
    await endWell(agent, near, log);
  },
);

test('what a running agent cannot take over is refused, with the place and what to do', limit, async (t) => {
  const { folder, near, log, configOf } = await setReloading(t);
  const agent = await startAgent(t, folder, configOf());
  putConfig(folder, configOf({ top: { state: join(folder, 'elsewhere') }, stages: [] }));
  const { status, answer } = await reload(agent);
  assert.equal(status, 422);
  assert.ok(answer.result === 'failed');
  const [{ code, line, message, hint }] = answer.errors as [(typeof answer.errors)[number]];
  assert.deepEqual(
    { code, line, message, hint },
    {
      code: 'ERR_RELOAD_RESTART',
      line: 1,
      message: 'Cannot change "state" while the agent runs',
      hint: 'Restart the agent to have it take effect, or undo the change',
    },
  );
  assert.equal(existsSync(join(folder, 'elsewhere')), false);
  const ask = ['reload', '--address', await adminOf(agent)];
  const refused = await runPillion(t, ask, { cwd: folder });
  assert.equal(refused.exit, 2);
  assert.match(
    refused.stderr,
    /^pillion\.yaml:1:\d+: Cannot change "state" .*; hint: Restart the agent .*\nThe old conf/,
  );
  putConfig(folder, configOf({ stages: [], top: { drain_timeout: '20s' } }));
  const taken = await runPillion(t, ask, { cwd: folder });
  const lines = '  pipelines: changed logs\n  settings: changed drain_timeout\n';
  assert.deepEqual([taken.exit, taken.stdout], [0, `The configuration was reloaded.\n${lines}`]);
  log.write(10);
  await endWell(agent, near, log);
});

test(
  'reloads that come at once change it once; one during a drain is refused, and a drain during one ends well',
  limit,
  async (t) => {
    const { folder, near, log, configOf } = await setReloading(t);
    const agent = await startAgent(t, folder, configOf());
    const busy = new BusyLog(t, log);
    await agent.until('some arrives', () => near.distinct > 100);
    await adminOf(agent);
    putConfig(folder, configOf({ near: { compression: 'none' }, app: { max_record_size: '32KiB' } }));
    const answers = await Promise.all(Array.from({ length: 5 }, () => reload(agent)));
    assert.deepEqual(
      answers.map(({ answer }) => answer.result),
      ['reloaded', 'unchanged', 'unchanged', 'unchanged', 'unchanged'],
    );
    await busy.stop();
    near.behaviour = 503;
    log.write(2000);
    await until('the sink tries again', async () => (await askLedger(agent)).sinks[0]?.state === 'retrying');
    putConfig(folder, configOf());
    const during = reload(agent);
    agent.kill('SIGTERM');
    await until('it drains', async () => (await askLedger(agent)).state === 'draining');
    const late = await reload(agent);
    assert.deepEqual([late.status, late.answer.result], [422, 'failed']);
    near.behaviour = 'take';
    await during;
    assert.equal(await agent.ended, 0, agent.stderr);
    assertAllArrived(near, log);
  },
);

test(
  'standard input goes on over a change of sinks, while one is down, too; a change of it is refused',
  limit,
  async (t) => {
    const { folder, near, configOf } = await setReloading(t);
    const pipe = (options: object, sink: object): object => ({
      ...configOf({ near: sink }),
      sources: { pipe: { type: 'stdin', ...options } },
      pipelines: { logs: { from: ['pipe'], to: ['near'] } },
    });
    const agent = await startAgent(t, folder, pipe({}, {}));
    const bodies = (): unknown[] => near.arrivals.map(({ record }) => record.body);
    agent.write('one\n');
    await agent.until('it arrives', () => near.arrivals.length === 1);
    await change(agent, folder, pipe({}, { compression: 'none' }));
    agent.write('two\n');
    await agent.until('it arrives', () => near.arrivals.length === 2);
    // What cannot be read again stays with the old sink until it is delivered; nothing new waits for that.
    near.behaviour = 503;
    agent.write('three\n');
    await until('the sink tries again', async () => (await askLedger(agent)).sinks[0]?.state === 'retrying');
    await change(agent, folder, pipe({}, { max_in_flight: 1 }));
    near.behaviour = 'take';
    agent.write('four\n');
    await agent.until('both arrive', () => near.arrivals.length === 4);
    assert.deepEqual(bodies().sort(), ['four', 'one', 'three', 'two']);
    putConfig(folder, pipe({ max_record_size: '2KiB' }, {}));
    const { status, answer } = await reload(agent);
    assert.equal(status, 422);
    assert.match(JSON.stringify(answer), /Cannot change source \\"pipe\\" while the agent runs/);
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  },
);

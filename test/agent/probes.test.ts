import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHealth } from '../../src/agent/health.ts';
import { probes } from '../../src/agent/probes.ts';
import type { SinkState } from '../../src/core/contracts.ts';

/** What a probe answers while the source has started or not, and the sink is in that state. */
async function ask(
  path: string,
  { hasStarted = true, state = { kind: 'ready' } as SinkState, query = '', hasCauses = false },
) {
  const health = () =>
    checkHealth({
      state: 'running',
      sources: [{ name: 'app', hasStarted }],
      sinks: new Map([['backend', { state } as never]]),
      nowMs: 12_345,
    });
  const endpoint = new Map(probes({ health }, { hasCauses })).get(path);
  const { status, body } = await endpoint!.answer(new URLSearchParams(query), {});
  return { status, body: String(body) };
}

const STATES: Record<SinkState['kind'], SinkState> = {
  ready: { kind: 'ready' },
  retrying: { kind: 'retrying', message: 'ECONNREFUSED', sinceMs: 345 },
  held: { kind: 'held', message: 'status 401', cure: 'Renew the token' },
  rejecting: { kind: 'rejecting', message: 'status 400' },
};

for (const path of ['/startupz', '/readyz']) {
  for (const state of Object.values(STATES)) {
    test(`${path} is ok once the source has started, while the sink is ${state.kind}`, async () => {
      assert.deepEqual(await ask(path, { state }), { status: 200, body: 'ok\n' });
      const starting = await ask(path, { state, hasStarted: false });
      assert.equal(starting.status, 503);
      assert.match(
        starting.body,
        /^not ready\n\[\+\] agent: running\n\[-\] source app: starting\n\[.\] sink backend: /,
      );
    });
  }
}

test('/livez is ok before anything has started', async () => {
  assert.deepEqual(await ask('/livez', { hasStarted: false }), { status: undefined, body: 'ok\n' });
});

for (const { kind, hasCauses, line } of [
  { kind: 'ready', hasCauses: true, line: '[+] sink backend: ready' },
  { kind: 'retrying', hasCauses: true, line: '[!] sink backend: retrying for 12 s: ECONNREFUSED' },
  { kind: 'retrying', hasCauses: false, line: '[!] sink backend: retrying for 12 s' },
  { kind: 'held', hasCauses: true, line: '[!] sink backend: held: status 401' },
  { kind: 'rejecting', hasCauses: false, line: '[!] sink backend: rejecting' },
] as const) {
  test(`/readyz?verbose says that the sink is ${kind}${hasCauses ? '' : ', and not what the peer said'}`, async () => {
    const { body } = await ask('/readyz', { state: STATES[kind], query: 'verbose', hasCauses });
    assert.equal(body, `ok\n[+] agent: running\n[+] source app: started\n${line}\n`);
  });
}

test('/readyz?verbose=json says the same to programs', async () => {
  const { body } = await ask('/readyz', { state: STATES.held, query: 'verbose=json', hasCauses: true });
  assert.deepEqual(JSON.parse(body), {
    status: 'ok',
    checks: [
      { name: 'agent', status: 'passed', detail: 'running' },
      { name: 'source app', status: 'passed', detail: 'started' },
      { name: 'sink backend', status: 'noted', detail: 'held', cause: 'status 401' },
    ],
  });
});

for (const { path, isReady, status, line } of [
  { path: '/readyz', isReady: true, status: 200, line: '[+] application of app: up' },
  { path: '/readyz', isReady: false, status: 503, line: '[-] application of app: down (refused)' },
  { path: '/startupz', isReady: false, status: 200, line: '[!] application of app: down (refused)' },
]) {
  for (const hasCauses of [true, false]) {
    test(`${path} says ${status} while the application is ${isReady ? 'up' : 'down'}${hasCauses ? ', and why' : ''}`, async () => {
      const readiness = isReady
        ? { isReady, detail: 'up' }
        : { isReady, detail: 'down (refused)', cause: 'ECONNREFUSED' };
      const health = () =>
        checkHealth({
          state: 'running',
          sources: [{ name: 'app', hasStarted: true, readiness }],
          sinks: new Map(),
          nowMs: 0,
        });
      const endpoint = new Map(probes({ health }, { hasCauses })).get(path)!;
      const answer = await endpoint.answer(new URLSearchParams('verbose'), {});
      assert.equal(answer.status, status);
      const cause = hasCauses && !isReady ? ': ECONNREFUSED' : '';
      assert.equal(String(answer.body).split('\n')[3], line + cause);
      const asJson = await endpoint.answer(new URLSearchParams('verbose=json'), {});
      const { checks } = JSON.parse(String(asJson.body)) as { checks: object[] };
      assert.deepEqual(Object.keys(checks[2]!), ['name', 'status', 'detail', ...(cause === '' ? [] : ['cause'])]);
    });
  }
}

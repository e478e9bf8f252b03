import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Clock, SystemClock } from '../../src/core/clock.ts';
import { bearerToken } from '../../src/delivery/credentials.ts';
import { HttpClient } from '../../src/delivery/http-client.ts';
import { ApiPods } from '../../src/kubernetes/api-pods.ts';
import { KubeletPods } from '../../src/kubernetes/kubelet-pods.ts';
import { parsePod } from '../../src/kubernetes/pod.ts';
import { PodStore } from '../../src/kubernetes/pod-store.ts';
import { skipWithoutOpenssl, TestAuthority } from '../delivery/certificates.ts';
import { until } from '../delivery/servers.ts';
import { temporaryFolder } from '../harness/files.ts';
import { ApiServer } from './api-server.ts';

const authority = skipWithoutOpenssl ? undefined : new TestAuthority();

/** A clock whose waits are short, so that back-off takes no time. */
class HastyClock extends SystemClock {
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return super.sleep(Math.min(ms, ms > 60_000 ? ms : 1), signal);
  }
}

async function follow(
  t: TestContext,
  options: { api?: ApiServer; feed?: 'api' | 'kubelet'; tokenFile?: string; caFile?: string; clock?: Clock } = {},
) {
  const { feed = 'api', tokenFile, caFile, clock = new HastyClock() } = options;
  const api = options.api ?? (await ApiServer.start(t));
  const store = new PodStore(clock);
  const troubles: string[] = [];
  const counts: Record<string, number> = {};
  const client = new HttpClient({
    url: new URL(`${caFile === undefined ? 'http' : 'https'}://127.0.0.1:${api.port}`),
    headers: {},
    timeoutMs: 5000,
    maxIdleConnections: 1,
    credentials: tokenFile === undefined ? [] : [bearerToken(tokenFile, clock)],
    tls: { caFile },
    // Requests have all the time that they need.
    clock: new SystemClock(),
  });
  const setting = {
    client,
    store,
    clock,
    parse: (value: unknown) => parsePod(value, () => true),
    count: (request: string, result: string) => {
      counts[`${request} ${result}`] = (counts[`${request} ${result}`] ?? 0) + 1;
    },
    trouble: (error: string) => void troubles.push(error),
  };
  const pods = feed === 'api' ? new ApiPods('node-1', setting, () => 0) : new KubeletPods(setting);
  const stop = new AbortController();
  const running = pods.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
    client.close();
  });
  const find = (uid: string) => store.find({ uid, namespace: '', name: '' });
  return { api, store, find, pods, troubles, counts };
}

test('ApiPods lists the pods of its node in pages, and follows what changes', async (t) => {
  const api = await ApiServer.start(t);
  api.page = 2;
  for (const uid of ['a', 'b', 'c', 'd', 'e']) api.put({ uid });
  const { store, find } = await follow(t, { api });
  await until(() => store.size === 5 && api.watches === 1);
  assert.equal(api.requests.length, 4);
  assert.match(api.requests[0]!, /fieldSelector=spec.nodeName=node-1&limit=500&resourceVersion=0$/);
  api.put({ uid: 'f', labels: { team: 'red' } });
  api.put({ uid: 'a', labels: { team: 'blue' } });
  api.remove('b');
  await until(() => store.size === 5 && find('a')?.labels.get('team') === 'blue');
  assert.equal(find('f')?.labels.get('team'), 'red');
  assert.ok(find('b') !== undefined, 'what is gone is known for a while');
  assert.equal(api.requests.length, 4);
});

for (const isRude of [false, true])
  test(`ApiPods goes on where it was when its watch is closed${isRude ? ' in the middle' : ''}`, async (t) => {
    const { api, find } = await follow(t);
    await until(() => api.watches === 1);
    api.put({ uid: 'a' });
    await until(() => find('a') !== undefined);
    api.compact();
    api.bookmark();
    api.put({ uid: 'b' });
    await until(() => find('b') !== undefined);
    if (isRude) api.say('{"type":"ADDED","obj');
    api.closeWatches(isRude);
    await until(() => api.watches === 1);
    api.put({ uid: 'c' });
    await until(() => find('c') !== undefined);
    const lists = api.requests.filter((path) => !path.includes('watch'));
    assert.equal(lists.length, 1);
  });

for (const { name, spoil } of [
  { name: 'its version is too old', spoil: (api: ApiServer) => api.closeWatches() },
  {
    name: 'a watch ends with an error 410',
    spoil: (api: ApiServer) => api.say('{"type":"ERROR","object":{"kind":"Status","code":410}}\n'),
  },
  { name: 'what comes is no event', spoil: (api: ApiServer) => api.say('<html>garbage</html>\n') },
  { name: 'an event has no type', spoil: (api: ApiServer) => api.say('{"object":{}}\n') },
])
  test(`ApiPods lists anew when ${name}`, async (t) => {
    const api = await ApiServer.start(t);
    api.put({ uid: 'a' });
    api.put({ uid: 'b' });
    const { store, find } = await follow(t, { api });
    await until(() => store.size === 2 && api.watches === 1);
    const [, watch] = api.requests;
    assert.match(watch!, /watch=1&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=\d+$/);
    api.compact();
    spoil(api);
    await until(() => api.requests.filter((path) => !path.includes('watch')).length === 2 && api.watches === 1);
    api.put({ uid: 'c' });
    await until(() => find('c') !== undefined);
    assert.equal(store.size, 3);
  });

test('ApiPods keeps what it knows while the server fails, and learns what it missed', async (t) => {
  const { api, store, troubles, counts } = await follow(t);
  api.put({ uid: 'a' });
  await until(() => store.size === 1 && api.watches === 1);
  const fail = (_: unknown, response: { writeHead(status: number): { end(text?: string): void } }): void =>
    response.writeHead(500).end('{');
  api.faults.push(
    fail,
    fail,
    (_request, response) => response.destroy(),
    (_request, response) => void response.writeHead(410).end(),
  );
  api.closeWatches();
  api.put({ uid: 'b' });
  await until(() => store.size === 2 && api.watches === 1);
  assert.deepEqual(
    new Set(troubles.map((text) => text.replace(/.*Cannot read.*/, 'connection'))),
    new Set(['answered 500', 'connection']),
  );
  assert.equal(counts['watch failed'], 4);
});

test('ApiPods takes no list that is none, and tries again', async (t) => {
  const api = await ApiServer.start(t);
  for (const body of ['no JSON', '[]', '{"items":[]}', '{"items":{},"metadata":{"resourceVersion":"1"}}'])
    api.faults.push((_request, response) => void response.end(body));
  api.put({ uid: 'a' });
  const { store, troubles } = await follow(t, { api });
  await until(() => store.size === 1);
  assert.equal(troubles.length, 4);
});

test('ApiPods reads its token again when it is refused, and checks the server by its authority', {
  skip: skipWithoutOpenssl,
}, async (t) => {
  const { cert, key } = authority!.issue('api', 'IP:127.0.0.1');
  const api = await ApiServer.start(t, { cert: readFileSync(cert), key: readFileSync(key) });
  api.token = 'second';
  const tokenFile = join(temporaryFolder(t), 'token');
  writeFileSync(tokenFile, 'first');
  const { store, troubles } = await follow(t, { api, tokenFile, caFile: authority!.ca.cert });
  await until(() => troubles.includes('answered 401'));
  writeFileSync(tokenFile, 'second');
  api.put({ uid: 'a' });
  await until(() => store.size === 1 && api.watches === 1);
  // A projected token is replaced while a watch runs.
  api.token = 'third';
  writeFileSync(tokenFile, 'third');
  api.closeWatches();
  api.put({ uid: 'b' });
  await until(() => store.size === 2);
});

test('KubeletPods asks for the list, and at once when a pod is looked for that it does not know', async (t) => {
  const { api, store, find, pods, troubles } = await follow(t, { feed: 'kubelet', clock: new SystemClock() });
  await until(() => api.requests.length === 1);
  api.put({ uid: 'a' });
  pods.want();
  await until(() => find('a') !== undefined);
  assert.deepEqual(api.requests, ['/pods', '/pods']);
  api.faults.push((_request, response) => void response.writeHead(403).end());
  pods.want();
  await until(() => troubles.length === 1);
  assert.deepEqual([troubles, store.size], [['answered 403'], 1]);
});

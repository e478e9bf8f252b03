import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { Resource } from '../../src/core/resource.ts';
import { SourceLedger } from '../../src/ledger/source-ledger.ts';
import { type EventRecord, EventRecords } from '../../src/sources/event-records.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { MemoryOutput } from '../harness/output.ts';

const ROUTE = 'logs/backend';

function openRecords({ stored = undefined as unknown, maxBytes = 1_000_000 } = {}) {
  const metrics = new Metrics();
  const ledger = new SourceLedger({ source: 'app', routes: [ROUTE], metrics, clock: new FakeClock(), stored });
  const own = { resource: new Resource([['service.name', 'a']]) };
  const events = new EventRecords({ name: 'events', resource: () => own.resource, ledger, maxBytes });
  const [ended, stop] = [new AbortController(), new AbortController()];
  return { events, ledger, metrics, own, ended, stop };
}

function eventOf(body: string, changes: Partial<EventRecord> = {}): EventRecord {
  const attributes = new Map([['kind', 'x']]);
  return { body, severityNumber: 9, severityText: 'info', unixMs: 1234.5, attributes, bytes: body.length, ...changes };
}

test('events become records, in order and in batches that are bounded', async () => {
  const { events, ended, stop, ledger } = openRecords();
  const output = new MemoryOutput();
  const run = events.run(output, ended.signal, stop.signal);
  for (let i = 0; i < 700; i++) assert.ok(events.add(eventOf(`event ${i}`)));
  for (let i = 0; i < 3; i++) assert.ok(events.add(eventOf(`${i}${'x'.repeat(50_000)}`)));
  ended.abort();
  await run;
  assert.deepEqual(
    output.bodies.map((body) => body.slice(0, 9)),
    [...Array.from({ length: 700 }, (_, i) => `event ${i}`), ...Array.from({ length: 3 }, (_, i) => `${i}xxxxxxxx`)],
  );
  assert.deepEqual(
    output.batches.map(({ length }) => length),
    [256, 256, 189, 1, 1],
  );
  const [record] = output.records;
  assert.deepEqual(
    [record?.severityNumber, record?.severityText, record?.timeUnixNano, record?.attributes, record?.stream.name],
    [9, 'info', 1_234_500_000n, { kind: 'x' }, 'events'],
  );
  const account = ledger.account('events');
  assert.equal(account.isSettled, true);
  assert.equal(account.unreadBytes, 0);
  assert.equal(account.unaccountedBytes, 0);
});

test('while no batch is free events wait, as many as may; what waits at a stop is unread, and gone in the next life', async () => {
  const { events, stop, ended, ledger } = openRecords({ maxBytes: 900 });
  const output = new MemoryOutput({ poolSize: 1 });
  output.isFull = true;
  const run = events.run(output, ended.signal, stop.signal);
  assert.ok(events.add(eventOf('x'.repeat(80))));
  await new Promise(setImmediate);
  assert.equal(output.sent, 1);
  assert.ok(events.add(eventOf('y'.repeat(80))));
  assert.equal(events.add(eventOf('z'.repeat(80))), false);
  stop.abort();
  await run;
  const account = ledger.account('events');
  assert.equal(account.unreadBytes, 80);
  const next = openRecords({ stored: JSON.parse(JSON.stringify(ledger.toStored())) as unknown });
  const after = next.ledger.account('events');
  assert.equal(after.unreadBytes, 0);
  assert.deepEqual(after.gone, { truncated: 80 });
});

test('events count with the memory that they take, however short they are', () => {
  const { events } = openRecords({ maxBytes: 1024 * 1024 });
  let waiting = 0;
  while (events.add(eventOf('x'))) waiting++;
  // 430 bytes each and more: a hundred thousand would be 45 MB.
  assert.ok(waiting > 1000 && waiting < 3000, String(waiting));
});

test('a source without events has no account of them', () => {
  const { ledger } = openRecords();
  assert.deepEqual([...ledger.accounts()], []);
});

test('events have the resource of the moment', async () => {
  const { events, own, ended, stop } = openRecords();
  const output = new MemoryOutput();
  const run = events.run(output, ended.signal, stop.signal);
  events.add(eventOf('one'));
  await new Promise(setImmediate);
  own.resource = new Resource([['service.name', 'b']]);
  events.add(eventOf('two'));
  ended.abort();
  await run;
  assert.deepEqual(
    output.records.map(({ stream }) => stream.resource.attributes.get('service.name')),
    ['a', 'b'],
  );
  assert.equal(new Set(output.records.map(({ stream }) => stream.id)).size, 1);
});

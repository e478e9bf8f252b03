import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { bringToEnd } from '../../src/agent/bring-to-end.ts';
import { loadOwnStage } from '../../src/agent/load-own-stage.ts';
import { volatileCheckpoint } from '../../src/agent/open-checkpoint.ts';
import { openReaders, type ReaderSetting } from '../../src/agent/open-reader.ts';
import { OwnResource } from '../../src/agent/own-resource.ts';
import { buildParts } from '../../src/agent/parts.ts';
import type { Reader } from '../../src/agent/reader.ts';
import { sinksOf } from '../../src/agent/sent.ts';
import type { Shared } from '../../src/agent/shared.ts';
import { catalog } from '../../src/catalog.ts';
import { diffConfig } from '../../src/config/config-diff.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { until } from '../harness/files.ts';

test('bringToEnd() closes the output of a reader that goes on elsewhere', async () => {
  const text = `sources: { app: { type: file, include: [/nowhere/a.log] } }
pipelines: { logs: { from: app, to: out } }
sinks: { out: { type: otlp } }
`;
  const loaded = await loadConfig({ text, file: 'pillion.yaml', env: {}, catalog, loadStage: loadOwnStage });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const logger = createLogger({ level: 'silent', pretty: false, stream: new Writable() });
  const clock = new FakeClock();
  const metrics = new Metrics();
  const checkpoint = volatileCheckpoint();
  const shared: Shared = {
    ...{ clock, logger, metrics, checkpoint, keys: new KeyTable(), userAgent: 'pillion/1' },
    ledger: new Ledger(metrics, clock, checkpoint.section('ledger')),
    resource: new OwnResource(loaded.config, logger),
    unmatched: undefined,
    tracer: undefined,
    onInput: () => {},
  };
  const parts = buildParts(loaded.config, shared);
  const setting: ReaderSetting = {
    parts,
    shared,
    isLate: true,
    onError: (what, error) => assert.fail(`${what}: ${error}`),
  };
  const readers = new Map<string, Reader>();
  const start = (reader: Reader): void => {
    readers.set(reader.name, reader);
    reader.run().catch(() => undefined);
  };
  for (const reader of parts.planned.flatMap((source) => openReaders(source, setting))) start(reader);
  const reader = readers.get('app')!;
  let closed = 0;
  Object.assign(reader.into.output, { close: () => closed++ });

  const sinks = sinksOf(reader.into.output.pipelines);
  const stuck = { reader, sinks, settled: new Promise<void>(() => {}), isSettled: false };
  const stop = new AbortController();
  let isDone = false;
  const done = bringToEnd(sinks, [stuck], {
    ...{ before: { parts, diff: diffConfig(loaded.written, loaded.written) }, setting, readers, clock, start },
    stop: stop.signal,
    atEnd: () => () => {},
  }).then(() => {
    isDone = true;
  });
  await until('it is given up', async () => {
    await clock.advance(500);
    return isDone;
  });
  await done;
  assert.notEqual(readers.get('app'), reader);
  assert.equal(closed, 1);
  readers.get('app')!.abandon();
});

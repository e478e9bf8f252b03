import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOptions } from '../../../src/component/check-options.ts';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import { CountedLease } from '../../../src/core/lease.ts';
import { consoleSinkOn } from '../../../src/sinks/console/index.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { batchOf } from '../../harness/batch.ts';
import { RecordingStream } from '../../harness/recording-stream.ts';

function build(value: unknown, stream = new RecordingStream(), isForPeople = true) {
  const closed: Error[] = [];
  const log = new RecordingStream();
  const metrics = new Metrics();
  const definition = consoleSinkOn(() => stream, isForPeople ? (error) => closed.push(error) : undefined);
  const checked = checkOptions(definition.options, value, []);
  assert.ok(checked.ok);
  const sink = definition.build(checked.options, {
    name: 'screen',
    clock: new FakeClock(),
    logger: createLogger({ level: 'info', pretty: false, stream: log }),
    metrics,
    keys: new KeyTable(),
    userAgent: 'pillion/1.2.3',
  });
  const write = (): boolean => sink.write(batchOf(['hi']), new CountedLease(() => {}));
  return { sink, stream, metrics, closed, log, write };
}

for (const { name, value, expected } of [
  { name: 'pretty by default', value: {}, expected: /^03:04:05\.678 {7}hi\n$/ },
  { name: 'json', value: { format: 'json' }, expected: /^\{"time":"[^"]+","body":"hi"\}\n$/ },
  { name: 'otlp_json with the version of the agent', value: { format: 'otlp_json' }, expected: /"version":"1\.2\.3"/ },
]) {
  test(`consoleSink writes ${name}`, () => {
    const { stream, write } = build(value);
    write();
    assert.match(stream.text, expected);
  });
}

for (const { color, isTTY, isColoured } of [
  { color: 'auto', isTTY: true, isColoured: true },
  { color: 'auto', isTTY: false, isColoured: false },
  { color: 'always', isTTY: false, isColoured: true },
  { color: 'never', isTTY: true, isColoured: false },
]) {
  test(`consoleSink with color ${color} ${isColoured ? 'has' : 'has no'} colours ${isTTY ? 'on' : 'off'} a terminal`, () => {
    const stream = new RecordingStream();
    stream.isTTY = isTTY;
    build({ color }, stream).write();
    assert.equal(stream.text.includes('\u001b['), isColoured);
  });
}

test('consoleSink counts what it delivered under its name', async () => {
  const { sink, metrics, write } = build({});
  write();
  await sink.flush(new AbortController().signal);
  assert.equal(metrics.sum('pillion_sink_delivered_records_total', { sink: 'screen' }), 1);
});

for (const { code, isForPeople, isLogged } of [
  { code: 'EPIPE', isForPeople: true, isLogged: false },
  { code: 'ENOSPC', isForPeople: true, isLogged: true },
  { code: 'EPIPE', isForPeople: false, isLogged: true },
]) {
  const whose = isForPeople ? 'of a command that ends then' : 'of an agent that goes on';
  test(`consoleSink ${whose} ${isLogged ? 'logs' : 'does not log'} ${code}, and says so from then on`, async () => {
    const stream = new RecordingStream({ isHeld: true });
    const { sink, closed, log, write } = build({}, stream, isForPeople);
    write();
    assert.equal(sink.state?.kind, 'ready');
    stream.answer(Object.assign(new Error('no'), { code }));
    await new Promise(setImmediate);
    assert.equal(closed.length, isForPeople ? 1 : 0);
    assert.equal(log.text !== '', isLogged);
    assert.equal(sink.state?.kind, 'held');
  });
}

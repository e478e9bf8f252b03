import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkOptions } from '../../../src/component/check-options.ts';
import { SystemClock } from '../../../src/core/clock.ts';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { statsdSource } from '../../../src/sources/statsd/index.ts';
import { describe } from '../../codec/prometheus/parse/parsed.ts';
import { temporaryFolder, until } from '../../harness/files.ts';
import { buildStatsd } from './statsd-setting.ts';

const limit = { timeout: 60_000 };

/** A source that receives. */
async function start(
  t: TestContext,
  options: Readonly<Record<string, unknown>>,
  before?: Parameters<typeof buildStatsd>[2],
) {
  const built = buildStatsd(options, new SystemClock(), before);
  const { source, metrics, log, output } = built;
  const drain = new AbortController();
  const stop = new AbortController();
  const ended = source.run(output, { drain: drain.signal, stop: stop.signal });
  t.after(async () => {
    stop.abort();
    await ended;
  });
  await until('it has started', () => source.hasStarted === true);
  const address = log().find(({ msg }) => msg === 'StatsD can be sent by UDP.')?.['address'];
  return {
    ...built,
    port: Number(/\d+$/.exec(String(address))?.[0]),
    drain: async () => {
      drain.abort();
      await ended;
    },
    /** Ends for another one. */
    leave: async () => {
      const bequeath = source.bequeath!();
      drain.abort();
      stop.abort();
      await ended;
      return bequeath('read');
    },
    lines: () => metrics.sum('pillion_statsd_lines_total'),
    shown: () =>
      describe(source.metrics!.collect().flatMap(({ families }) => families)).map((l) => l.replace(/ from \d+/, '')),
  };
}

async function sendUdp(port: number, packets: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const packet of packets) {
    await new Promise<void>((resolve, reject) =>
      socket.send(packet, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    );
    // Whoever receives in this process gets a turn.
    await new Promise(setImmediate);
  }
  socket.close();
}

function withLength(packet: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(packet));
  return Buffer.concat([length, Buffer.from(packet)]);
}

test('the source receives by UDP, and what has come before the drain counts', limit, async (t) => {
  const { port, drain, shown, metrics, source } = await start(t, { listen: '127.0.0.1:0' });
  await sendUdp(port, ['hits:1|c|#a:b', 'hits:2|c|#a:b\ndepth:7|g', 'nonsense']);
  await drain();
  assert.deepEqual(shown(), ['counter hits', '  {a="b"} 3', 'gauge depth', '  {} 7']);
  assert.equal(metrics.sum('pillion_statsd_packets_total', { transport: 'udp' }), 3);
  assert.equal(metrics.sum('pillion_statsd_received_bytes_total', { transport: 'udp' }), 44);
  assert.deepEqual(metrics.sumBy('pillion_statsd_lines_total', 'result'), { ok: 3, value: 1 });
  const [set] = source.metrics!.collect();
  assert.equal(set?.resource.attributes.get('service.name'), 'shop');
  assert.equal(set?.naming, 'otlp');
});

test('the agent hears how much comes', limit, async (t) => {
  const { port, input, lines } = await start(t, { listen: '127.0.0.1:0' });
  await sendUdp(
    port,
    Array.from({ length: 200 }, () => 'x'.repeat(200)),
  );
  await until('all has come', () => lines() === 200);
  const sum = input.reduce((all, bytes) => all + bytes, 0);
  assert.ok(input.length > 1 && input.length < 10 && sum > 200 * 200, `${input}`);
});

test(
  'a source that takes the place of another one counts on, and nothing that comes meanwhile is lost',
  limit,
  async (t) => {
    const path = join(temporaryFolder(t), 'statsd.socket');
    const options = { listen: '127.0.0.1:0', socket: path, max_series: 2 };
    const first = await start(t, options);
    const { port, metrics, ledger } = first;
    const connection = createConnection({ path });
    await sendUdp(port, ['hits:1|c|#k:1\nhits:1|c|#k:2\nhits:1|c|#k:3']);
    await until('it has come', () => first.lines() === 3);
    first.output.isFull = true;
    await sendUdp(port, ['_e{1,1}:a|1', '_e{1,1}:a|2', '_e{1,1}:a|3', '_e{1,1}:a|4']);
    await until('events have come', () => first.lines() === 7);
    const legacy = await first.leave();
    connection.write(withLength('hits:1|c|#k:1'));
    await sendUdp(port, ['hits:1|c|#k:2']);
    await until('it has come while nobody is there', () => first.lines() === 9);
    const second = await start(t, { ...options, receive_buffer: '1MiB' }, { metrics, ledger, legacy });
    await sendUdp(port, ['hits:1|c|#k:1']);
    connection.write(withLength('hits:1|c|#k:2'));
    await until('the second one receives', () => second.lines() === 11);
    assert.notEqual(second.source.metrics, first.source.metrics);
    assert.deepEqual(second.shown(), [
      'counter hits',
      '  {k="1"} 3',
      '  {k="2"} 3',
      '  {otel.metric.overflow="true"} 1',
    ]);
    assert.equal(metrics.sum('pillion_statsd_overflow_lines_total'), 1, 'what was told is not told again');
    connection.destroy();
    await second.drain();
    const bodies = [...first.output.bodies, ...second.output.bodies];
    assert.deepEqual(bodies, ['1', '2', '3', '4']);
    assert.equal(existsSync(path), false);
  },
);

test('a source with other options counts anew, at the addresses of the one before', limit, async (t) => {
  const path = join(temporaryFolder(t), 'statsd.socket');
  const options = { listen: '127.0.0.1:0', socket: path };
  const first = await start(t, options);
  const { port, metrics, ledger } = first;
  const connection = createConnection({ path });
  await sendUdp(port, ['hits:1|c']);
  await until('it has come', () => first.lines() === 1);
  const second = await start(t, { ...options, max_series: 7 }, { metrics, ledger, legacy: await first.leave() });
  await sendUdp(port, ['hits:5|c']);
  connection.write(withLength('hits:7|c'));
  await until('both have come', () => second.lines() === 3);
  assert.deepEqual(second.shown(), ['counter hits', '  {} 12']);
  connection.destroy();
});

test('an address that is no more in the configuration is closed', limit, async (t) => {
  const path = join(temporaryFolder(t), 'statsd.socket');
  const first = await start(t, { listen: '127.0.0.1:0', socket: path });
  const { port, metrics, ledger } = first;
  await start(t, { socket: path }, { metrics, ledger, legacy: await first.leave() });
  const free = createSocket('udp4');
  await until(
    'the port is free',
    () =>
      new Promise<boolean>((resolve) =>
        free.once('error', () => resolve(false)).bind(port, '127.0.0.1', () => resolve(true)),
      ),
  );
  free.close();
  assert.ok(existsSync(path));
});

/** A source at its drain, on a clock that stands, and how to have it receive a packet and move the clock on. */
async function startDraining() {
  const clock = new FakeClock();
  const { source, output, log, metrics } = buildStatsd({ listen: '127.0.0.1:0' }, clock);
  const drain = new AbortController();
  const end = { hasCome: false };
  const ended = source
    .run(output, { drain: drain.signal, stop: new AbortController().signal })
    .finally(() => (end.hasCome = true));
  await until('it has started', () => source.hasStarted === true);
  const port = Number(/\d+$/.exec(String(log()[0]?.['address']))?.[0]);
  drain.abort();
  const receive = async (): Promise<void> => {
    await clock.untilSleeping();
    const before = metrics.sum('pillion_statsd_lines_total');
    await sendUdp(port, ['hits:1|c']);
    await until('it has come', () => metrics.sum('pillion_statsd_lines_total') > before);
    await clock.advance(50);
  };
  return { clock, ended, end, receive };
}

test('the source ends when nothing comes any more, and before that takes what comes', limit, async () => {
  const { clock, ended, end, receive } = await startDraining();
  for (let round = 0; round < 3; round++) await receive();
  await clock.untilSleeping();
  assert.equal(end.hasCome, false);
  await clock.advance(50);
  await ended;
});

test('the source does not wait for ever for a sender that goes on', limit, async () => {
  const { ended, receive } = await startDraining();
  for (let round = 0; round < 20; round++) await receive();
  await ended;
});

test('what the shell sends is received', { ...limit, skip: bashSkip() }, async (t) => {
  const { port, lines, shown } = await start(t, { listen: '127.0.0.1:0' });
  execFileSync('bash', ['-c', `printf 'deploys:1|c|#env:dev\\n' > /dev/udp/127.0.0.1/${port}`]);
  await until('it has come', () => lines() === 1);
  assert.deepEqual(shown(), ['counter deploys', '  {env="dev"} 1']);
});

test('packets that the kernel throws away are counted', { ...limit, skip: bashSkip() || procSkip() }, async (t) => {
  const { port, drain, lines, metrics, log } = await start(t, { listen: '127.0.0.1:0', receive_buffer: '4KiB' });
  // Nothing is read as long as this process waits for the other one.
  execFileSync('bash', ['-c', `for i in $(seq 500); do echo 'hits:1|c' > /dev/udp/127.0.0.1/${port}; done`]);
  await drain();
  const dropped = metrics.sum('pillion_statsd_kernel_dropped_packets_total');
  assert.ok(dropped > 100, `${dropped} dropped`);
  assert.equal(dropped + lines(), 500);
  assert.ok(log().some(({ msg }) => msg === 'The kernel has thrown packets of StatsD away.'));
});

test('the source receives by a unix socket that everybody may write to', limit, async (t) => {
  const path = join(temporaryFolder(t), 'statsd.socket');
  const { drain, shown, lines, metrics, log } = await start(t, { socket: path });
  assert.equal(statSync(path).mode & 0o222, 0o222);
  assert.ok(!log().some(({ msg }) => msg === 'StatsD can be sent by UDP.'), 'no UDP beside it');
  const connection = createConnection({ path });
  const bytes = Buffer.concat(['hits:1|c', '', 'hits:2|c\ndepth:7|g'].map(withLength));
  for (const byte of bytes) connection.write(Buffer.from([byte]));
  await until('all has come', () => lines() === 3);
  connection.destroy();
  await drain();
  assert.deepEqual(shown(), ['counter hits', '  {} 3', 'gauge depth', '  {} 7']);
  assert.equal(metrics.sum('pillion_statsd_packets_total', { transport: 'socket' }), 3);
  assert.equal(existsSync(path), false, 'the socket is gone');
});

test('a stream that has no packets is closed, and others go on', limit, async (t) => {
  const path = join(temporaryFolder(t), 'statsd.socket');
  const { lines, metrics } = await start(t, { socket: path });
  const good = createConnection({ path });
  const bad = createConnection({ path });
  bad.write('GET / HTTP/1.1\r\n\r\n');
  await once(bad, 'close');
  const cut = createConnection({ path });
  cut.end(withLength('hits:1|c').subarray(0, 7));
  await until('both were counted', () => metrics.sum('pillion_statsd_broken_streams_total') === 2);
  assert.deepEqual(metrics.sumBy('pillion_statsd_broken_streams_total', 'reason'), { length: 1, cut: 1 });
  good.write(withLength('hits:1|c'));
  await until('the other one goes on', () => lines() === 1);
  good.destroy();
});

test('more connections than there may be are closed', limit, async (t) => {
  const path = join(temporaryFolder(t), 'statsd.socket');
  const { lines, metrics } = await start(t, { socket: path });
  const connections = Array.from({ length: 70 }, () => createConnection({ path }));
  for (const connection of connections) connection.on('error', () => {});
  await until('six were refused', () => metrics.sum('pillion_statsd_broken_streams_total') === 6);
  connections[0]!.write(withLength('hits:1|c'));
  await until('the first one goes on', () => lines() === 1);
  for (const connection of connections) connection.destroy();
});

test(
  'a socket that a dead agent has left is taken over; what is something else, or in use, is left alone',
  limit,
  async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'statsd.socket');
    const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    assert.throws(() => execFileSync(process.execPath, ['-e', script, path], { stdio: 'ignore' }));
    assert.ok(statSync(path).isSocket());
    const { lines } = await start(t, { socket: path });
    const file = join(folder, 'notes');
    writeFileSync(file, 'mine');
    for (const [taken, reason] of [
      [path, /Another process listens there/],
      [file, /something else/],
      [join(folder, 'none/statsd.socket'), /There is no folder ".*none"/],
    ] as const) {
      const other = buildStatsd({ socket: taken }, new SystemClock());
      const stop = new AbortController();
      const ended = other.source.run(other.output, { drain: stop.signal, stop: stop.signal });
      await until('it has tried', () => other.log().length > 0);
      assert.match(String(other.log()[0]?.['msg']), reason);
      assert.equal(other.log()[0]?.['code'], 'ERR_STATSD_LISTEN');
      assert.equal(other.source.hasStarted, false);
      stop.abort();
      await ended;
    }
    assert.equal(readFileSync(file, 'utf8'), 'mine');
    const connection = createConnection({ path });
    connection.write(withLength('hits:1|c'));
    await until('the first one still has it', () => lines() === 1);
    connection.destroy();
  },
);

test('a port that is taken is tried for again', limit, async (t) => {
  const blocker = createSocket('udp4');
  blocker.bind(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address();
  const { source, output, log, metrics } = buildStatsd({ listen: `127.0.0.1:${port}` }, new SystemClock());
  const stop = new AbortController();
  const ended = source.run(output, { drain: stop.signal, stop: stop.signal });
  t.after(async () => {
    stop.abort();
    await ended;
  });
  await until('it has tried', () => log().length > 0);
  assert.equal(source.hasStarted, false);
  blocker.close();
  await until('it has it', () => source.hasStarted === true);
  await sendUdp(port, ['a:1|c']);
  await until('it receives', () => metrics.sum('pillion_statsd_lines_total') === 1);
  assert.equal(log().filter(({ level }) => level === 'error').length, 1);
});

test('events and service checks become records, and the books hold them', limit, async (t) => {
  const { port, output, drain, ledger, metrics } = await start(t, { listen: '127.0.0.1:0' });
  await sendUdp(port, [
    '_e{7,8}:Restart|was\\nold|d:1656581400|t:error|#env:dev',
    '_sc|db|0|m:fine\n_sc|db|2|#env:dev\n_sc|db|9',
  ]);
  await drain();
  assert.deepEqual(
    output.records.map(({ body, severityNumber, severityText, timeUnixNano }) => [
      ...[body, severityNumber, severityText, timeUnixNano],
    ]),
    [
      ['was\nold', 17, 'error', 1_656_581_400_000_000_000n],
      ['fine', 9, 'ok', 0n],
      ['db is critical', 17, 'critical', 0n],
    ],
  );
  assert.deepEqual(output.records[0]?.attributes, { 'dogstatsd.event.title': 'Restart', env: 'dev' });
  assert.equal(ledger.account('statsd').isSettled, true);
  assert.deepEqual(metrics.sumBy('pillion_statsd_lines_total', 'result'), { ok: 0, event: 3, event_form: 1 });
});

test('events that no sink takes are refused when too many wait, and metrics go on', limit, async (t) => {
  const { port, output, metrics, lines, drain } = await start(t, { listen: '127.0.0.1:0' });
  output.isFull = true;
  const text = 'x'.repeat(30_000);
  const events = Array.from({ length: 60 }, () => `_e{1,${text.length}}:a|${text}`);
  await sendUdp(port, events);
  await sendUdp(port, ['hits:1|c']);
  await until('all has come', () => lines() === 61);
  const results = metrics.sumBy('pillion_statsd_lines_total', 'result');
  assert.ok(results['events_full']! > 10);
  output.empty();
  await drain();
  assert.equal(output.records.length, results['event']);
});

test('events can be switched off', limit, async (t) => {
  const { port, output, metrics, drain } = await start(t, { listen: '127.0.0.1:0', events: false });
  await sendUdp(port, ['_e{1,1}:a|b']);
  await drain();
  assert.deepEqual(output.records, []);
  assert.deepEqual(metrics.sumBy('pillion_statsd_lines_total', 'result'), { ok: 0, events_off: 1 });
});

for (const options of [
  { listen: 'nowhere' },
  { timer_bounds: [1, 1] },
  { timer_bounds: [] },
  { max_label_length: '1B' },
  { set_interval: '1ms' },
  { tags: [] },
]) {
  test(`${JSON.stringify(options)} is refused`, () => {
    assert.equal(checkOptions(statsdSource.options, options, []).ok, false);
  });
}

test('a path that no socket can have is refused', () => {
  for (const socket of ['relative', `/${'x'.repeat(103)}`]) {
    const checked = checkOptions(statsdSource.options, { socket }, []);
    assert.ok(checked.ok);
    assert.deepEqual(statsdSource.check!(checked.options)[0]?.path, ['socket']);
  }
});

function bashSkip(): string | false {
  return existsSync('/bin/bash') ? false : 'platform: no bash, which can send by UDP';
}

function procSkip(): string | false {
  return existsSync('/proc/net/udp') ? false : 'platform: the kernel does not say what it throws away';
}

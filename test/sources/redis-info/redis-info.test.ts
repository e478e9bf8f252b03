import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { checkOptions } from '../../../src/component/check-options.ts';
import { redisInfoSource } from '../../../src/sources/redis-info/index.ts';
import { temporaryFolder, until } from '../../harness/files.ts';
import { freePort } from '../../harness/free-port.ts';
import { commandRedis, redisProgram, startRedis, startRedisAt } from '../../harness/redis-server.ts';
import { scrapeWith, valuesOf } from '../../harness/scraping.ts';

const real = { skip: redisProgram.skip, timeout: 60_000 };
const limit = { timeout: 30_000 };

test('the figures of a real Redis are those that it says itself', real, async (t) => {
  const redis = await startRedis(t);
  const ask = (...words: string[]): Promise<string> => commandRedis(redis, words);
  for (let i = 0; i < 50; i++) await ask('SET', `key${i}`, 'x'.repeat(100));
  for (let i = 0; i < 60; i++) await ask('GET', `key${i}`);
  await ask('EXPIRE', 'key1', '1000');
  const scraping = await scrapeWith(t, redisInfoSource, { targets: [redis], commands: true });
  const before = valuesOf(scraping.sets());
  const info = await ask('INFO', 'all');
  await scraping.next();
  await scraping.next();
  const after = valuesOf(scraping.sets());
  const field = (name: string): number => Number(new RegExp(`^${name}:(.*)\r$`, 'm').exec(info)![1]);
  assert.equal(before['up'], 1);
  for (const [name, own] of [
    ['redis.commands.processed', 'total_commands_processed'],
    ['redis.connections.received', 'total_connections_received'],
    ['redis.net.input', 'total_net_input_bytes'],
    ['redis.net.output', 'total_net_output_bytes'],
    ['redis.uptime', 'uptime_in_seconds'],
    ['redis.cpu.time user', 'used_cpu_user'],
    ['redis.cpu.time sys', 'used_cpu_sys'],
  ] as const) {
    const value = field(own);
    assert.ok(before[name]! <= value && value <= after[name]!, `${name}: ${before[name]}, ${value}, ${after[name]}`);
  }
  // Nobody but this test has done these.
  const sure = {
    'redis.keyspace.hits': field('keyspace_hits'),
    'redis.keyspace.misses': field('keyspace_misses'),
    'redis.db.keys 0': 50,
    'redis.db.expires 0': 1,
    'redis.cmd.calls set': 50,
    'redis.cmd.calls get': 60,
    'redis.role primary': 1,
    'redis.role replica': 0,
    'redis.maxmemory': 0,
  };
  assert.deepEqual(Object.fromEntries(Object.keys(sure).map((name) => [name, after[name]])), sure);
  assert.deepEqual([field('keyspace_hits'), field('keyspace_misses')], [50, 10]);
  for (const [name, own] of [
    ['redis.memory.used', 'used_memory'],
    ['redis.memory.peak', 'used_memory_peak'],
    ['redis.memory.rss', 'used_memory_rss'],
  ] as const) {
    const ratio = after[name]! / field(own);
    assert.ok(ratio > 0.7 && ratio < 1.4, `${name}: ${ratio} of its own`);
  }
  assert.ok(after['redis.cmd.latency get p50']! < 0.1);
  // Redis works this out beside other things.
  await scraping.until('there is a time to live', (values) => values['redis.db.avg_ttl 0']! > 900_000);
  assert.deepEqual(scraping.log(), []);
});

test('the counters of Redis begin when it does, and anew when it is restarted', real, async (t) => {
  const port = await freePort();
  const stop = await startRedisAt(t, port);
  await commandRedis(`127.0.0.1:${port}`, ['GET', 'x']);
  const scraping = await scrapeWith(t, redisInfoSource, { targets: [`127.0.0.1:${port}`] });
  const misses = () => {
    const point = scraping.sets()[0]?.families.find(({ name }) => name === 'redis.keyspace.misses')?.points[0];
    return point?.kind === 'number' ? { value: point.value, startUnixMs: point.startUnixMs! } : undefined;
  };
  const first = misses()!;
  const uptime = valuesOf(scraping.sets())['redis.uptime']!;
  assert.equal(first.value, 1);
  assert.ok(Math.abs(scraping.sets()[0]!.unixMs - 1000 * uptime - first.startUnixMs) < 2000);
  // Within the second in which it was started: only a later reading tells that from another start.
  await scraping.next();
  await scraping.next();
  await stop();
  await startRedisAt(t, port);
  await until('the new one is scraped', () => misses()?.value === 0);
  assert.ok(misses()!.startUnixMs > first.startUnixMs);
});

test('the password is sent, and read again once it was refused', real, async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'password');
  writeFileSync(path, 'wrong "horse"\n');
  const redis = await startRedis(t, ['--requirepass', 'right "horse"']);
  const { about, log, next } = await scrapeWith(t, redisInfoSource, { targets: [redis], password_file: path });
  assert.equal(about('up'), 0);
  writeFileSync(path, 'right "horse"\n');
  await next();
  await next();
  assert.equal(about('up'), 1);
  assert.deepEqual(
    log().map(({ msg, reason }) => [msg, reason]),
    [
      ['Target cannot be scraped.', 'credentials'],
      ['Target can be scraped again.', undefined],
    ],
  );
});

test('a user of its own needs no more than +info', real, async (t) => {
  const path = join(temporaryFolder(t), 'password');
  writeFileSync(path, 'secret');
  const redis = await startRedis(t);
  await commandRedis(redis, ['ACL', 'SETUSER', 'pillion', 'on', '>secret', '+info']);
  const { about } = await scrapeWith(t, redisInfoSource, {
    targets: [redis],
    username: 'pillion',
    password_file: path,
  });
  assert.equal(about('up'), 1);
});

/** Something else in the place of Redis. */
async function impostor(t: TestContext, answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

for (const { what, reason, answer, options = {} } of [
  { what: 'says nothing', reason: 'timeout', answer: () => {}, options: { timeout: '300ms' } },
  { what: 'closes the connection', reason: 'cut', answer: (socket: Socket) => void socket.end() },
  { what: 'breaks off', reason: 'cut', answer: (socket: Socket) => void socket.end('$100\r\nredis_version:1\r\n') },
  {
    what: 'speaks HTTP',
    reason: 'protocol',
    answer: (socket: Socket) => void socket.write('HTTP/1.1 400 Bad\r\n\r\n'),
  },
  { what: 'never ends its line', reason: 'protocol', answer: (socket: Socket) => endless(socket, 'x'.repeat(1000)) },
  {
    what: 'says to send much',
    reason: 'too_large',
    answer: (socket: Socket) => void socket.write('$999999999999\r\n'),
  },
  {
    what: 'sends more than it says',
    reason: 'protocol',
    answer: (socket: Socket) => void socket.write('$1\r\nabc\r\n'),
  },
  {
    what: 'answers with something else',
    reason: 'parse',
    answer: (socket: Socket) => void socket.write('$1\r\na\r\n'),
  },
  { what: 'answers with a number', reason: 'protocol', answer: (socket: Socket) => void socket.write(':1\r\n') },
  { what: 'has no value', reason: 'protocol', answer: (socket: Socket) => void socket.write('$-1\r\n') },
  { what: 'wants a password', reason: 'credentials', answer: (socket: Socket) => void socket.write('-NOAUTH x\r\n') },
  { what: 'still loads', reason: 'loading', answer: (socket: Socket) => void socket.write('-LOADING x\r\n') },
  { what: 'refuses', reason: 'error_reply', answer: (socket: Socket) => void socket.write('-ERR what?\r\n') },
]) {
  test(`a Redis that ${what} is a failed scrape`, limit, async (t) => {
    const target = await impostor(t, answer);
    const { about, shown, log } = await scrapeWith(t, redisInfoSource, { targets: [target], ...options });
    assert.deepEqual([about('up'), shown()], [0, []]);
    assert.deepEqual([log()[0]?.['msg'], log()[0]?.['reason']], ['Target cannot be scraped.', reason]);
  });
}

test('a Redis that nobody listens at is down', limit, async (t) => {
  const { about, log } = await scrapeWith(t, redisInfoSource, { targets: ['127.0.0.1:1'] });
  assert.deepEqual([about('up'), log()[0]?.['reason']], [0, 'refused']);
});

test('an answer that comes byte by byte is read', limit, async (t) => {
  const info =
    '# Server\r\nredis_version:7\r\nuptime_in_seconds:5\r\n\r\n# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n';
  const target = await impostor(t, (socket) => {
    const send = async (): Promise<void> => {
      for (const byte of Buffer.from(`$${info.length}\r\n${info}\r\n`)) {
        if (!socket.destroyed) socket.write(Buffer.of(byte));
        await setTimeout(0);
      }
    };
    void send();
  });
  const scraping = await scrapeWith(t, redisInfoSource, { targets: [target] });
  assert.deepEqual(valuesOf(scraping.sets())['redis.db.keys 0'], 1);
});

test('a password that is said back is not shown', limit, async (t) => {
  const path = join(temporaryFolder(t), 'password');
  writeFileSync(path, 'hush-hush');
  const target = await impostor(t, (socket) => {
    socket.on('data', () => void socket.write("-ERR unknown command 'AUTH', beginning with: 'hush-hush'\r\n"));
  });
  const { log } = await scrapeWith(t, redisInfoSource, { targets: [target], password_file: path });
  assert.match(String(log()[0]?.['error']), /unknown command 'AUTH'.*\[secret\]/);
  assert.ok(!JSON.stringify(log()).includes('hush-hush'));
});

for (const { what, options, path, message } of [
  {
    what: 'a URL with a password',
    options: { targets: ['redis://:hush@a:1'] },
    path: 'targets.0',
    message: 'Cannot ask "redis://…@a:1": it is neither host:port nor redis://host:port',
  },
  {
    what: 'TLS',
    options: { targets: ['rediss://a:1'] },
    path: 'targets.0',
    message: 'Cannot ask "rediss://a:1": it is neither host:port nor redis://host:port',
  },
  {
    what: 'one target twice',
    options: { targets: ['a', 'redis://a:6379'] },
    path: 'targets.1',
    message: 'Target "redis://a:6379" is there twice',
  },
  {
    what: 'a user without a password',
    options: { username: 'a' },
    path: 'username',
    message: 'Cannot use "username" without a password',
  },
]) {
  test(`${what} is refused`, () => {
    const checked = checkOptions(redisInfoSource.options, options, []);
    assert.ok(checked.ok);
    const errors = redisInfoSource.check!(checked.options);
    assert.deepEqual(
      errors.map((error) => [error.path.join('.'), error.message]),
      [[path, message]],
    );
  });
}

/** Writes without an end, as fast as it is read. */
function endless(socket: Socket, piece: string): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(piece));
    if (!socket.destroyed) socket.once('drain', write);
  };
  write();
}

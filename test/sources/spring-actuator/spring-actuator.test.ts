import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOptions } from '../../../src/component/check-options.ts';
import { springActuatorSource } from '../../../src/sources/spring-actuator/index.ts';
import { type Answer, listen, scrapeWith, showing } from '../../harness/scraping.ts';

// There is no JVM here: these answers were written after the documentation of the endpoint.

interface Series {
  readonly tags: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, number>>;
}

/** An actuator with these meters, which adds up what has the tags that it is asked for. */
function actuator(meters: Readonly<Record<string, readonly Series[]>>, asked: string[] = []): Answer {
  return (request, response) => {
    const url = new URL(request.url ?? '', 'http://actuator');
    asked.push(url.pathname + url.search);
    response.setHeader('content-type', 'application/vnd.spring-boot.actuator.v3+json');
    if (url.pathname === '/actuator/metrics') return void response.end(JSON.stringify({ names: Object.keys(meters) }));
    const name = decodeURIComponent(url.pathname.replace('/actuator/metrics/', ''));
    const wanted = url.searchParams.getAll('tag').map((tag) => [tag.split(':')[0]!, tag.slice(tag.indexOf(':') + 1)]);
    const series = meters[name]?.filter(({ tags }) => wanted.every(([tag, value]) => tags[tag!] === value)) ?? [];
    if (series.length === 0) return void response.writeHead(404).end();
    const statistics = [...new Set(series.flatMap(({ values }) => Object.keys(values)))];
    const left = [...new Set(series.flatMap(({ tags }) => Object.keys(tags)))].filter(
      (tag) => !wanted.some(([name]) => name === tag),
    );
    response.end(
      JSON.stringify({
        name,
        description: 'What it is.',
        baseUnit: 'bytes',
        measurements: statistics.map((statistic) => ({
          statistic,
          value: series.reduce((sum, { values }) => sum + (values[statistic] ?? 0), 0),
        })),
        availableTags: left.map((tag) => ({
          tag,
          values: [...new Set(series.flatMap(({ tags }) => (tags[tag] === undefined ? [] : [tags[tag]])))],
        })),
      }),
    );
  };
}

const METERS: Readonly<Record<string, readonly Series[]>> = {
  'jvm.memory.used': [
    { tags: { area: 'heap', id: 'G1 Eden Space' }, values: { VALUE: 100 } },
    { tags: { area: 'heap', id: 'G1 Old Gen' }, values: { VALUE: 200 } },
    { tags: { area: 'nonheap', id: 'Metaspace' }, values: { VALUE: 50 } },
  ],
  'jvm.memory.max': [
    { tags: { area: 'heap', id: 'G1 Old Gen' }, values: { VALUE: 1000 } },
    { tags: { area: 'nonheap', id: 'Metaspace' }, values: { VALUE: -1 } },
  ],
  'jvm.threads.states': [{ tags: { state: 'timed-waiting' }, values: { VALUE: 9 } }],
  'jvm.gc.pause': [
    { tags: { action: 'end of minor GC', cause: 'a' }, values: { COUNT: 3, TOTAL_TIME: 0.5, MAX: 0.25 } },
    { tags: { action: 'end of minor GC', cause: 'b' }, values: { COUNT: 1, TOTAL_TIME: 0.25, MAX: 0.25 } },
  ],
  'process.cpu.time': [{ tags: {}, values: { COUNT: 2_500_000_000 } }],
  'process.start.time': [{ tags: {}, values: { VALUE: 1_700_000_000.5 } }],
  'http.server.requests': [
    { tags: { status: '200', uri: '/a', method: 'GET' }, values: { COUNT: 5, TOTAL_TIME: 1.5, MAX: 1 } },
    { tags: { status: '200', uri: '/b', method: 'GET' }, values: { COUNT: 2, TOTAL_TIME: 0.5, MAX: 1 } },
    { tags: { status: '500', uri: '/b', method: 'POST' }, values: { COUNT: 1, TOTAL_TIME: 2, MAX: 2 } },
  ],
  'hikaricp.connections.active': [{ tags: { pool: 'main' }, values: { VALUE: 3 } }],
  'hikaricp.connections.idle': [{ tags: { pool: 'main' }, values: { VALUE: 7 } }],
  'orders.placed': [
    { tags: { channel: 'web & app', country: 'de' }, values: { COUNT: 4 } },
    { tags: { channel: 'web & app', country: 'fr' }, values: { COUNT: 1 } },
    { tags: { channel: 'shop', country: 'de' }, values: { COUNT: 2 } },
  ],
  'order.value': [{ tags: {}, values: { COUNT: 7, TOTAL: 350.5, MAX: 99 } }],
  'not.asked.for': [{ tags: {}, values: { VALUE: 1 } }],
};

test('meters become metrics by the names of the semantic conventions', { timeout: 30_000 }, async (t) => {
  const asked: string[] = [];
  const target = await listen(t, actuator(METERS, asked));
  const { shown, about, log } = await scrapeWith(t, springActuatorSource, {
    targets: [target],
    meters: [
      { name: 'orders.placed', type: 'counter', unit: '{order}', tags: ['channel', 'country'] },
      { name: 'order.value', type: 'summary', description: 'What orders were worth.' },
    ],
  });
  assert.equal(about('up'), 1);
  const from = ' from 1700000000500';
  assert.deepEqual(
    shown().map((line) => line.replace(/(^[a-z].*) ".*"$/, '$1')),
    [
      'up_down_counter jvm.memory.used [By]',
      '  {jvm.memory.type="heap"} 300',
      '  {jvm.memory.type="non_heap"} 50',
      'up_down_counter jvm.memory.limit [By]',
      '  {jvm.memory.type="heap"} 1000',
      'histogram jvm.gc.duration [s]',
      `  {jvm.gc.action="end of minor GC"} 4 under  sum 0.75${from}`,
      'up_down_counter jvm.thread.count [{thread}]',
      '  {jvm.thread.state="timed_waiting"} 9',
      'counter jvm.cpu.time [s]',
      `  {} 2.5${from}`,
      'histogram http.server.request.duration [s]',
      `  {http.response.status_code="200"} 7 under  sum 2${from}`,
      `  {http.response.status_code="500"} 1 under  sum 2${from}`,
      'up_down_counter db.client.connection.count [{connection}]',
      '  {db.client.connection.pool.name="main",db.client.connection.state="used"} 3',
      '  {db.client.connection.pool.name="main",db.client.connection.state="idle"} 7',
      'counter orders.placed [{order}]',
      `  {channel="web & app",country="de"} 4${from}`,
      `  {channel="web & app",country="fr"} 1${from}`,
      `  {channel="shop",country="de"} 2${from}`,
      'histogram order.value',
      `  {} 7 under  sum 350.5${from}`,
    ],
  );
  assert.deepEqual(log(), []);
  assert.ok(!asked.some((path) => path.includes('not.asked.for')));
});

test('a meter of its own that the application does not have is said', { timeout: 30_000 }, async (t) => {
  const target = await listen(t, actuator({ 'process.uptime': [{ tags: {}, values: { VALUE: 3 } }] }));
  const { shown, log } = await scrapeWith(t, springActuatorSource, {
    targets: [target],
    meters: [{ name: 'orders.placed' }],
  });
  assert.equal(shown().length, 2);
  assert.deepEqual(
    log().map(({ metric }) => metric),
    ['orders.placed'],
  );
});

test('a meter that is gone since it was listed is left out', { timeout: 30_000 }, async (t) => {
  const target = await listen(t, (request, response) => {
    if (request.url === '/actuator/metrics')
      showing('{"names":["jvm.classes.loaded","process.uptime"]}')(request, response);
    else if (request.url?.endsWith('uptime'))
      actuator({ 'process.uptime': [{ tags: {}, values: { VALUE: 3 } }] })(request, response);
    else response.writeHead(404).end();
  });
  const { shown, about } = await scrapeWith(t, springActuatorSource, { targets: [target] });
  assert.deepEqual([about('up'), shown()[1]], [1, '  {} 3']);
});

const MANY = Array.from({ length: 300 }, (_, i) => ({
  tags: { status: String(i) },
  values: { COUNT: 1, TOTAL_TIME: 1 },
}));

for (const { what, answer, reason, options = {} } of [
  { what: 'a web page', answer: showing('<html>', 'text/html'), reason: 'parse' },
  { what: 'no list of meters', answer: showing('{"status":"UP"}'), reason: 'parse' },
  { what: 'meters that are none', answer: showing('{"names":["process.uptime"]}'), reason: 'parse' },
  { what: 'tags of too many values', answer: actuator({ 'http.server.requests': MANY }), reason: 'too_many' },
  {
    what: 'meters that do not come',
    answer: ((request, response) => {
      if (request.url === '/actuator/metrics') showing('{"names":["process.uptime"]}')(request, response);
    }) satisfies Answer,
    reason: 'timeout',
    options: { timeout: '300ms' },
  },
]) {
  test(`an actuator with ${what} is a failed scrape`, { timeout: 30_000 }, async (t) => {
    const target = await listen(t, answer);
    const { about, shown, log } = await scrapeWith(t, springActuatorSource, { targets: [target], ...options });
    assert.deepEqual([about('up'), shown(), log()[0]?.['reason']], [0, [], reason]);
  });
}

test('meters that each come in time, and all together do not, are a failed scrape', { timeout: 30_000 }, async (t) => {
  const meters = actuator({ 'http.server.requests': MANY.slice(0, 100) });
  const target = await listen(t, (request, response) => void setTimeout(() => meters(request, response), 50));
  const { about, log } = await scrapeWith(t, springActuatorSource, { targets: [target], timeout: '500ms' });
  assert.deepEqual([about('up'), log()[0]?.['reason']], [0, 'timeout']);
});

for (const { what, meters, path } of [
  { what: 'a meter that is known', meters: [{ name: 'jvm.memory.used' }], path: 'meters.0.name' },
  { what: 'the name of a metric that is known', meters: [{ name: 'jvm.memory.limit' }], path: 'meters.0.name' },
  { what: 'a meter twice', meters: [{ name: 'a' }, { name: 'a' }], path: 'meters.1.name' },
  { what: 'a name that is none', meters: [{ name: 'a"]' }], path: 'meters.0.name' },
  { what: 'a tag that is none', meters: [{ name: 'a', tags: ['b"]'] }], path: 'meters.0.tags.0' },
  { what: 'a tag that is taken', meters: [{ name: 'a', tags: ['le'] }], path: 'meters.0.tags.0' },
]) {
  test(`${what} is refused`, () => {
    const checked = checkOptions(springActuatorSource.options, { meters }, []);
    assert.ok(checked.ok);
    const [error] = springActuatorSource.check!(checked.options);
    assert.equal(error!.path.join('.'), path);
  });
}

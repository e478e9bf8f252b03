import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../src/mapping/json.ts';
import { Mapping } from '../../src/mapping/mapping.ts';
import type { MetricMapping } from '../../src/mapping/metric-mapping.ts';
import { HAPROXY_MAPPINGS } from '../../src/sources/haproxy-stats/mappings.ts';
import { parseStats } from '../../src/sources/haproxy-stats/parse-stats.ts';
import { NGINX_MAPPINGS } from '../../src/sources/nginx-status/index.ts';
import { parseStubStatus } from '../../src/sources/nginx-status/parse-stub-status.ts';
import { NODE_MAPPINGS } from '../../src/sources/node-status/mappings.ts';
import { parseJson } from '../../src/sources/parse-json.ts';
import { PHP_FPM_MAPPINGS } from '../../src/sources/php-fpm-status/mappings.ts';
import { parseStatus } from '../../src/sources/php-fpm-status/parse-status.ts';
import { REDIS_COMMAND_MAPPINGS, REDIS_MAPPINGS } from '../../src/sources/redis-info/mappings.ts';
import { parseInfo } from '../../src/sources/redis-info/parse-info.ts';
import { commandOf, ReplyReader } from '../../src/sources/redis-info/reply-reader.ts';
import { ScrapeFailure } from '../../src/sources/scrape-failure.ts';

interface Kind {
  readonly name: string;
  readonly page: string;
  readonly parse: (body: Buffer) => Json;
  readonly mappings: readonly MetricMapping[];
  /** How many samples the page gives as it is. */
  readonly samples: number;
}

const KINDS: readonly Kind[] = [
  {
    name: 'nginx',
    page: 'Active connections: 3 \nserver accepts handled requests\n 10 9 31 \nReading: 0 Writing: 1 Waiting: 2 \n',
    parse: parseStubStatus,
    mappings: NGINX_MAPPINGS,
    samples: 7,
  },
  {
    name: 'HAProxy',
    page: '# pxname,svname,scur,stot,bin,status,type,hrsp_2xx,hrsp_4xx,last_chk,\nweb,FRONTEND,1,2,3,OPEN,0,4,5,,\napp,s1,0,,7,UP 1/2,2,,,"a ""b""",\n',
    parse: parseStats,
    mappings: HAPROXY_MAPPINGS,
    // 3 numbers, 2 responses and 6 states; 2 numbers and 6 states.
    samples: 3 + 2 + 6 + 2 + 6,
  },
  {
    name: 'PHP-FPM',
    page: '{"pool":"www","start time":1,"start since":2,"accepted conn":3,"listen queue":0,"idle processes":1,"active processes":1,"processes":[{"pid":1,"state":"Idle"},{"pid":2,"state":"Reading headers"}]}',
    parse: parseStatus,
    mappings: PHP_FPM_MAPPINGS,
    samples: 7,
  },
  {
    name: 'Redis',
    page: '# Server\r\nredis_version:7.0\r\nuptime_in_seconds:5\r\nused_cpu_sys:0.5\r\nrole:master\r\ncmdstat_get:calls=3,usec=9,failed_calls=0\r\nlatency_percentiles_usec_get:p50=1.0,p99=2.0\r\n\r\n# Keyspace\r\ndb0:keys=3,expires=1,avg_ttl=5\r\n',
    parse: parseInfo,
    mappings: [...REDIS_MAPPINGS, ...REDIS_COMMAND_MAPPINGS],
    samples: 2 + 2 + 2 + 2 + 3,
  },
  {
    name: 'Node',
    page: '{"uptime":5,"memoryUsage":{"rss":7},"eventLoopDelay":{"min":1},"heapSpaces":[{"space_name":"new","space_size":3}]}',
    parse: parseJson,
    mappings: NODE_MAPPINGS,
    samples: 4,
  },
];

const LIMITS = { maxSeries: 5, maxLabelBytes: 20 };
const TIMES = { unixMs: 1000, startUnixMs: undefined };

/** Pieces that a page may get in the place of others. */
const piece = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('"', ',', ':', '=', '\n', '\r\n', '{', '}', '[', ']', '-1', '1e999', '__proto__', 'null', '""', '\0')
    .map((text) => Buffer.from(text)),
);

for (const { name, page, parse, mappings, samples } of KINDS) {
  test(`a page of ${name} is read, and one with faults is read or refused`, () => {
    const original = Buffer.from(page);
    assert.equal(
      new Mapping(mappings, { ...LIMITS, maxSeries: 99 }, []).evaluate(parse(original), TIMES).samples,
      samples,
    );
    const fault = fc.record({ at: fc.nat(original.length), cut: fc.nat(8), piece });
    const mapping = new Mapping(mappings, LIMITS, []);
    let read = 0;
    fc.assert(
      fc.property(fc.array(fault, { minLength: 1, maxLength: 4 }), (faults) => {
        let body = original;
        for (const { at, cut, piece } of faults)
          body = Buffer.concat([body.subarray(0, at), piece, body.subarray(at + cut)]);
        let document: Json;
        try {
          document = parse(body);
        } catch (error) {
          assert.ok(error instanceof ScrapeFailure);
          return;
        }
        const { families } = mapping.evaluate(document, TIMES);
        for (const { points } of families) {
          assert.ok(points.length > 0 && points.length <= LIMITS.maxSeries + 1);
          assert.ok(points.every((point) => point.kind !== 'number' || Number.isFinite(point.value)));
        }
        read++;
      }),
      { numRuns: 2000 },
    );
    assert.ok(read > 0, 'none of the pages with faults was read');
  });
}

test('replies of Redis are the same however their bytes arrive', () => {
  const text = fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes));
  const reply = fc.oneof(
    text.map((bytes) => ({
      sent: Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]),
      is: bytes,
    })),
    fc.constant({ sent: Buffer.from('+OK\r\n'), is: Buffer.from('OK') }),
    fc.constant({ sent: Buffer.from('-ERR no\r\n'), is: 'ERR no' }),
  );
  fc.assert(
    fc.property(
      fc.array(reply, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
      (replies, cuts) => {
        const bytes = Buffer.concat(replies.map(({ sent }) => sent));
        const reader = new ReplyReader(50);
        const found: (Buffer | string)[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const end = at + cuts[i % cuts.length]!;
          reader.push(bytes.subarray(at, end));
          at = end;
          for (let next = reader.next(); next !== undefined; next = reader.next()) {
            assert.ok(next.kind === 'text' || next.kind === 'error');
            found.push(next.kind === 'text' ? Buffer.from(next.bytes) : next.text);
          }
        }
        assert.deepEqual(
          found,
          replies.map(({ is }) => is),
        );
      },
    ),
  );
});

test('any bytes in the place of a reply of Redis are a reply, or wait for more, or end it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const reader = new ReplyReader(1000);
      reader.push(Buffer.from(bytes));
      for (let next = reader.next(); next?.kind === 'text' || next?.kind === 'error'; next = reader.next());
    }),
  );
});

test('no word of a command can end it', () => {
  assert.equal(
    commandOf(['AUTH', 'a\r\n*1\r\n$8\r\nFLUSHALL', 'ü']),
    '*3\r\n$4\r\nAUTH\r\n$19\r\na\r\n*1\r\n$8\r\nFLUSHALL\r\n$2\r\nü\r\n',
  );
});

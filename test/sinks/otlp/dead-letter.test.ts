import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DecodedLogs } from '../../../src/codec/otlp/decode-logs.ts';
import { ledger, NEVER } from '../../delivery/fixtures.ts';
import { httpServer } from '../../delivery/servers.ts';
import { temporaryFolder } from '../../harness/files.ts';
import { decodeJsonLogs } from '../../harness/otlp-json.ts';
import { plainBody, sinkOf, write } from './fixtures.ts';

interface DeadLine {
  readonly sink: string;
  readonly reason: string;
  readonly error: string;
  readonly stream: string;
  readonly request: object;
}

function bodiesOf(logs: DecodedLogs): unknown[] {
  return logs.resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => body)),
  );
}

for (const protocol of ['http/protobuf', 'http/json']) {
  test(`ANS-08 ANS-10 otlpSink sets aside what is refused for good, as requests that can be sent again, by ${protocol}`, async (context) => {
    const path = join(temporaryFolder(context), 'rejected.jsonl');
    const server = await httpServer(context, async (request, response) => {
      const body = (await plainBody(request)).toString('latin1');
      response.writeHead(body.includes('poison') ? 400 : 200).end();
    });
    const endpoint = `http://127.0.0.1:${server.port}`;
    const own = sinkOf(context, { endpoint, protocol, dead_letter: path, max_request_size: '16KiB' });
    const lines = ['a', 'poison \u001b"quoted"\n', 'b', 'x'.repeat(20_000), 'c'];
    const watched = write(own.sink, lines);
    await own.sink.flush(NEVER);
    assert.equal(watched.outcome, 'rejected');
    assert.deepEqual(ledger(own.metrics), { delivered: 3, 'rejected bad_data': 1, 'rejected too_large': 1 });

    const dead = readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as DeadLine);
    assert.deepEqual(
      dead.map(({ sink, reason, stream }) => [sink, reason, stream]),
      [
        ['backend', 'too_large', 'test.log'],
        ['backend', 'bad_data', 'test.log'],
      ],
    );
    assert.match(dead[0]?.error ?? '', /^Cannot send record: larger than the request limit of 16384 bytes$/);
    assert.match(dead[1]?.error ?? '', /^Cannot deliver to ".*": answered 400$/);
    const requests = dead.map(({ request }) => decodeJsonLogs(JSON.stringify(request)));
    assert.deepEqual(requests.flatMap(bodiesOf), [lines[3], lines[1]]);
  });
}

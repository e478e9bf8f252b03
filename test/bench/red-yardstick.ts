/**
 * The yardstick for metrics: counts an access log the straightforward way, with a pattern, an object a record, and
 * prom-client. Its metrics are those of the agent.
 *
 *     node red-yardstick.ts <file>
 */
import { createReadStream } from 'node:fs';
import { Histogram } from 'prom-client';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 256 * 1024;

const ACCESS =
  /^(\S+) \S+ (\S+) \[([^\]]+)\] "(\S+) ([^ ?"]+)(?:\?([^ "]*))? HTTP\/([\d.]+)" (\d+) (\d+|-) "([^"]*)" "([^"]*)" ([\d.]+)/;

interface AccessRecord {
  readonly client: string;
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly status: string;
  readonly size: number;
  readonly userAgent: string;
  readonly seconds: number;
}

const durations = new Histogram({
  name: 'http_server_request_duration_seconds',
  help: 'Duration of HTTP server requests.',
  labelNames: ['http_request_method', 'http_response_status_code', 'error_type'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
});

function read(line: string): AccessRecord {
  const match = ACCESS.exec(line);
  if (match === null) throw new Error(`Cannot read ${line}`);
  const [, client = '', , time = '', method = '', path = '', , , status = '', size, , userAgent = '', seconds] = match;
  return { client, time, method, path, status, size: Number(size), userAgent, seconds: Number(seconds) };
}

function count({ method, status, seconds }: AccessRecord): void {
  const labels = { http_request_method: method, http_response_status_code: status };
  if (status >= '500') durations.observe({ ...labels, error_type: status }, seconds);
  else durations.observe(labels, seconds);
}

async function main(): Promise<void> {
  let rest: Buffer | undefined;
  const chunks = createReadStream(process.argv[2]!, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>;
  for await (const chunk of chunks) {
    const bytes: Buffer = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      count(read(bytes.toString('utf8', start, end)));
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  const { values } = await durations.get();
  const requests = values.filter(({ metricName }) => metricName?.endsWith('_count'));
  process.stdout.write(`${requests.reduce((sum, { value }) => sum + value, 0)}\n`);
}

await main();

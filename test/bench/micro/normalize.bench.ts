import type { StageDefinition } from '../../../src/component/definition.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import { RecordBatch } from '../../../src/core/record-batch.ts';
import { castStage } from '../../../src/stages/cast.ts';
import { exceptionStage } from '../../../src/stages/exception/index.ts';
import { httpStage } from '../../../src/stages/http/index.ts';
import { traceContextStage } from '../../../src/stages/trace-context/index.ts';
import { userAgentStage } from '../../../src/stages/user-agent/index.ts';
import { batchOf } from '../../harness/batch.ts';
import { batchOfObjects, buildStage, stageContext } from '../../stages/stage-fixture.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const BATCHES = 200;

const AGENT = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';
const TRACE = Array.from({ length: 10 }, (_, i) => `\tat com.acme.Shop.order${i}(Shop.java:${i})`).join('\n');

function run<Options>(name: string, stage: StageDefinition<Options>, line: string, options: object = {}): void {
  const keys = new KeyTable();
  const lines = Array<string>(RECORDS).fill(line);
  const original = line.startsWith('{') ? batchOfObjects(lines, keys) : batchOf(lines, keys);
  const batch = new RecordBatch(keys);
  const built = buildStage(stage, options, stageContext(keys));
  measure(`copy for ${name}`, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) batch.copyFrom(original);
  });
  measure(`${name}, copy included`, RECORDS * BATCHES, () => {
    for (let i = 0; i < BATCHES; i++) {
      batch.copyFrom(original);
      built.process(batch);
    }
  });
}

run('exception: one line', exceptionStage, 'x'.repeat(200));
run('exception: Java, ten frames', exceptionStage, `order failed\njava.lang.IllegalStateException: no stock\n${TRACE}`);
run(
  'trace_context: traceparent',
  traceContextStage,
  '{"a":1,"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}',
);
run('trace_context: nothing there', traceContextStage, '{"a":1,"b":2,"c":3,"d":4}');
run(
  'http: request, status, address, agent',
  httpStage,
  JSON.stringify({
    remote_addr: '10.0.0.7',
    request: 'GET /cart?id=7 HTTP/1.1',
    status: 200,
    body_bytes_sent: 612,
    http_user_agent: AGENT,
  }),
);
run('user_agent: known header', userAgentStage, JSON.stringify({ 'user_agent.original': AGENT }));
run('cast: two texts', castStage, '{"status":"200","duration":"1.5"}', { status: 'int', duration: 'double' });

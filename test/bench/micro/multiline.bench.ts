import { KeyTable } from '../../../src/core/key-table.ts';
import { RecordBatch } from '../../../src/core/record-batch.ts';
import { Resource } from '../../../src/core/resource.ts';
import type { Framing } from '../../../src/framing/framer.ts';
import { Framings } from '../../../src/framing/framings.ts';
import type { Judge } from '../../../src/framing/multiline/judge.ts';
import { JUDGES, LANGUAGES } from '../../../src/framing/multiline/languages.ts';
import { createPatternJudge } from '../../../src/framing/multiline/patterns.ts';
import { measure } from './measure.ts';

const LINES = 2000;
const ROUNDS = 100;

const ORDINARY = 'Started the worker, and took 17 orders of customer 4711 out of the queue "incoming" for it';
const LOGGED = '2026-01-02T03:04:05.678 INFO [worker-1] com.acme.Orders - took 17 orders of customer 4711';
const FRAMES: Record<string, string> = {
  java: '\tat com.acme.shop.orders.OrderService.place(OrderService.java:148)',
  python: '  File "/app/shop/orders.py", line 148, in place_order_of_customer',
  go: 'net/http.(*conn).serve(0xc00007eaa0, 0x12f10a0, 0xc00008a780)',
  node: '    at OrderService.place (/app/node_modules/shop/dist/orders.js:148:19)',
  dotnet: '   at Acme.Shop.OrderService.Place(Order order) in /app/OrderService.cs:line 148',
  ruby: "\tfrom /app/lib/shop/order_service.rb:148:in `place_order'",
  php: '#1 /app/src/OrderService.php(148): Acme\\OrderService->place(Object(Order))',
  rust: '   1: shop::orders::place::h0123456789abcdef',
  dart: '#1      OrderService.place (package:shop/orders.dart:148:13)',
};

/** The judge alone, over the same line in the state that it leads to. */
function judgeLine(name: string, judge: Judge, first: string, line: string): void {
  const bytes = Buffer.from(`${first}\n${line}\n${' '.repeat(16)}`);
  const start = first.length + 1;
  const end = start + line.length;
  let sum = 0;
  measure(name, LINES * ROUNDS, () => {
    let state = judge(bytes, 0, first.length, 0) & 0xffff;
    for (let i = 0; i < LINES * ROUNDS; i++) {
      const result = judge(bytes, start, end, state);
      state = result & 0xffff;
      sum += result;
    }
  });
  if (sum === 0) throw new Error('Cannot measure: nothing was judged');
}

for (const language of LANGUAGES) {
  judgeLine(`${language}: ordinary line`, JUDGES[language], ORDINARY, ORDINARY);
  judgeLine(`${language}: logged line`, JUDGES[language], LOGGED, LOGGED);
  judgeLine(
    `${language}: frame`,
    JUDGES[language],
    language === 'python'
      ? 'Traceback (most recent call last):'
      : language === 'go'
        ? 'goroutine 1 [running]:'
        : language === 'rust'
          ? 'stack backtrace:'
          : ORDINARY,
    FRAMES[language]!,
  );
}
judgeLine('pattern ^\\d{4}-: logged line', createPatternJudge({ start: /^\d{4}-/ }), LOGGED, LOGGED);
judgeLine(
  'pattern ^\\s as continuation: frame',
  createPatternJudge({ continuation: /^\s/ }),
  ORDINARY,
  FRAMES['java']!,
);

/** A whole framing over a slice of lines. */
function frame(name: string, framing: Framing, text: string): void {
  const batch = new RecordBatch(new KeyTable(), 1 << 20);
  const stream = { id: 'bench', name: 'bench', resource: new Resource() };
  const bytes = Buffer.from(text);
  batch.reset(stream, 0);
  batch.appendBytes(bytes, 0, bytes.length);
  const { byteLength } = batch;
  measure(name, LINES * ROUNDS, () => {
    for (let i = 0; i < ROUNDS; i++) {
      batch.clearRecords();
      batch.byteLength = byteLength;
      framing.frame(batch, 0, byteLength, {
        resume: 'line',
        maxRecordBytes: 1 << 20,
        maxRecords: LINES,
        isFinal: true,
        isQuiet: false,
        hasHoles: true,
        offset: 0,
      });
    }
  });
}

const repeat = (...lines: string[]): string => `${lines.join('\n')}\n`.repeat(LINES / lines.length);
const framings = (judge?: Judge): Framings =>
  new Framings({
    maxRecordBytes: 1 << 20,
    grouping: judge && { judge, maxLines: 2000, waitMs: 1000 },
    keys: new KeyTable(),
  });
const cri = (line: string, i: number): string =>
  `2026-01-02T03:04:05.123456789Z ${i % 5 === 0 ? 'stderr' : 'stdout'} F ${line}`;
const docker = (line: string, i: number): string =>
  JSON.stringify({
    log: `${line}\n`,
    stream: i % 5 === 0 ? 'stderr' : 'stdout',
    time: '2026-01-02T03:04:05.123456789Z',
  });

frame('plain', framings().of('plain'), repeat(LOGGED));
frame('plain, java', framings(JUDGES.java).of('plain'), repeat(LOGGED));
frame(
  'plain, java, traces of ten lines',
  framings(JUDGES.java).of('plain'),
  repeat(LOGGED, ...Array.from({ length: 9 }, () => FRAMES['java']!)),
);
frame('plain, pattern', framings(createPatternJudge({ start: /^\d{4}-/ })).of('plain'), repeat(LOGGED));
const five = Array.from({ length: 5 }, () => LOGGED);
frame('cri', framings().of('cri'), repeat(...five.map(cri)));
frame('cri, java', framings(JUDGES.java).of('cri'), repeat(...five.map(cri)));
frame('docker_json', framings().of('docker_json'), repeat(...five.map(docker)));
frame(
  'docker_json, escapes',
  framings().of('docker_json'),
  repeat(...five.map((line) => `${line} "quoted"`).map(docker)),
);

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPrintable } from '../../src/core/printable.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { RecordingStream } from '../harness/recording-stream.ts';

const HOSTILE = 'a\u001b[2J\n\u009b31m\u202egol\u0085\u2028\ud800';

for (const pretty of [false, true]) {
  test(`DSC-07 SEC-12 createLogger() lets nothing through that drives a terminal${pretty ? ', for people' : ''}`, () => {
    const stream = new RecordingStream();
    createLogger({ level: 'info', pretty, stream }).warn({ path: HOSTILE, [HOSTILE]: 1 }, HOSTILE);
    const line = stream.text;
    assert.ok(line.endsWith('\n'));
    // Its own colours are not the name's.
    assert.ok(isPrintable(line.slice(0, -1).replaceAll(/\u001b\[\d+m/g, '')), JSON.stringify(line));
  });
}

test('createLogger() has colours for people, unless none are wanted', () => {
  const [coloured, plain] = [new RecordingStream(), new RecordingStream()];
  createLogger({ level: 'info', pretty: true, stream: coloured }).warn({ count: 1 }, 'Hm.');
  createLogger({ level: 'info', pretty: true, colour: false, stream: plain }).warn({ count: 1 }, 'Hm.');
  assert.match(coloured.text, /\u001b/);
  assert.match(plain.text, /^\d\d:\d\d:\d\d warn {2}Hm\. count=1\n$/);
});

test('createLogger() writes JSON of which every value can be had back', () => {
  const stream = new RecordingStream();
  createLogger({ level: 'info', pretty: false, stream }).warn({ path: HOSTILE }, 'A file is not read.');
  assert.equal((JSON.parse(stream.text) as { path: string }).path, HOSTILE);
});

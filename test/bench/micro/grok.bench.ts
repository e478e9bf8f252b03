/** What usual lines cost by expressions of grok, which V8 has no proven bound for, as the stage matches them. */
import { setFlagsFromString } from 'node:v8';
import { REGEX_ENGINE_FLAGS } from '../../../src/bytes/regex/engine-flags.ts';
import { parseRegex } from '../../../src/bytes/regex/parse-regex.ts';
import { LineText, SpanRegex } from '../../../src/bytes/regex/span-regex.ts';
import { GrokReferences } from '../../../src/stages/grok/grok-references.ts';
import { accessLines } from './access-lines.ts';
import { measure } from './measure.ts';

for (const flag of REGEX_ENGINE_FLAGS) setFlagsFromString(flag);

const LINES = 1000;
const ROUNDS = 20;

function linesOf(make: (n: string) => string): string[] {
  return Array.from({ length: LINES }, (_, i) => make(String(10 + (i % 50))));
}

const syslog = linesOf(
  (n) => `Jan 12 10:11:${n} host-${n} sshd[10${n}]: Failed password for admin from 10.0.0.${n} port 22`,
);
const plain = linesOf(
  (n) => `2026-01-02T03:04:${n}.123Z ERROR worker ${n} - failed in the pool - out of time in step ${n}`,
);

const references = new GrokReferences({});
for (const { pattern, lines } of [
  { pattern: '%{COMBINEDAPACHELOG}', lines: accessLines(LINES) },
  { pattern: '%{SYSLOGLINE}', lines: syslog },
  { pattern: '%{TIMESTAMP_ISO8601:t} %{LOGLEVEL:l} %{GREEDYDATA:m}', lines: plain },
  { pattern: '(?<a>.*) - (?<b>.*) in (?<c>.*)', lines: plain },
  { pattern: '%{IP:x}', lines: syslog },
]) {
  const node = parseRegex(pattern, references);
  if ('problem' in node) throw new Error(node.problem);
  const regex = SpanRegex.create(node);
  if ('problem' in regex) throw new Error(regex.problem);
  const spans = new Int32Array(2 * regex.fields.length);
  const line = new LineText();
  const buffers = lines.map((text) => Buffer.from(text));
  let found = 0;
  measure(pattern.slice(0, 43), LINES * ROUNDS, () => {
    for (let i = 0; i < ROUNDS; i++) {
      for (const bytes of buffers) {
        line.set(bytes, 0, bytes.length);
        found += regex.match(line, spans);
      }
    }
  });
  if (found % LINES !== 0) throw new Error('Cannot match lines');
}

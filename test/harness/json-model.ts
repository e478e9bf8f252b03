import fc from 'fast-check';

/** A JSON value as text has it: numbers keep their digits, objects their order and their repeated keys. */
export type JsonModel =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly digits: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly JsonModel[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, JsonModel])[] };

/** Text with what is hard: quotes, backslashes, control characters, bidirectional controls, surrogate halves. */
export const hostileText: fc.Arbitrary<string> = fc.string({
  unit: fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.constantFrom('"', '\\', '/', '\0', '\n', '\r', '\t', '\b', '\f', '\u001b', '\u007f') },
    { weight: 1, arbitrary: fc.constantFrom('\u009b', '\u2028', '\u202e', '\u2066', '\u2069', '\ufeff', '\ud83d') },
  ),
  maxLength: 12,
});

/**
 * Text for keys. A backslash alone is left out: once V8 (of Node 24.21) has seen an object with that key, JSON.parse
 * takes an escaped key of another object for it, and tests compare with JSON.parse.
 */
export const hostileKey: fc.Arbitrary<string> = hostileText.filter((text) => text !== '\\');

const digits = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.constantFrom('-0', '0.10', '-1.5E+3', '1e400', '-1e400', '1e-400', `${'9'.repeat(309)}.0`, '9223372036854775808'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
);

const { value, array, object } = fc.letrec<{ value: JsonModel; array: JsonModel; object: JsonModel }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant({ kind: 'null' as const }),
    fc.boolean().map((value) => ({ kind: 'boolean' as const, value })),
    digits.map((digits) => ({ kind: 'number' as const, digits })),
    hostileText.map((value) => ({ kind: 'string' as const, value })),
    tie('array'),
    tie('object'),
  ),
  array: fc.array(tie('value'), { maxLength: 4 }).map((items) => ({ kind: 'array' as const, items })),
  object: fc
    .array(fc.tuple(fc.oneof(hostileKey, fc.constantFrom('a', 'b')), tie('value')), { maxLength: 4 })
    .map((entries) => ({ kind: 'object' as const, entries })),
}));

/** Any JSON object or array. */
export const jsonModel: fc.Arbitrary<JsonModel> = fc.oneof(array, object);
export const jsonNumber = digits;
export const anyJsonModel = value;

/** How a JSON text is written. */
export interface JsonStyle {
  /** White space around every token. */
  readonly space: string;
  /** Whether every character of a string is a `\u` escape. */
  readonly isEscaped: boolean;
}

export const jsonStyle: fc.Arbitrary<JsonStyle> = fc.record(
  { space: fc.constantFrom('', ' ', ' \t\r\n'), isEscaped: fc.boolean() },
  { noNullPrototype: true },
);

/** The model as JSON text. */
export function jsonTextOf(model: JsonModel, style: JsonStyle): string {
  const { space } = style;
  switch (model.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(model.value);
    case 'number':
      return model.digits;
    case 'string':
      return stringText(model.value, style);
    case 'array':
      return `[${space}${model.items.map((item) => jsonTextOf(item, style)).join(`${space},${space}`)}${space}]`;
    case 'object': {
      const pairs = model.entries.map(
        ([key, item]) => `${stringText(key, style)}${space}:${space}${jsonTextOf(item, style)}`,
      );
      return `{${space}${pairs.join(`${space},${space}`)}${space}}`;
    }
    default:
      return model satisfies never;
  }
}

function stringText(text: string, { isEscaped }: JsonStyle): string {
  if (!isEscaped) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16).padStart(4, '0'));
  return `"${units.map((unit) => `\\u${unit}`).join('')}"`;
}

import * as v from 'valibot';
import { digitsEnd } from '../bytes/digits.ts';
import { integerType, scanFraction, scanInteger } from '../codec/json/scan.ts';
import type { StageDefinition } from '../component/definition.ts';
import { described, type Infer, notList } from '../component/options.ts';
import type { Stage } from '../core/contracts.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';

const TYPES = ['int', 'double', 'bool', 'string'] as const;
type Type = (typeof TYPES)[number];

const name = v.pipe(v.string('expected text'), v.minLength(1, 'expected text that is not empty'));

const options = described(
  notList(
    v.pipe(
      v.record(
        name,
        v.picklist(TYPES, `expected one of ${TYPES.join(', ')}`),
        'expected a map of attributes and types',
      ),
      v.minEntries(1, 'expected at least one attribute'),
    ),
  ),
  'map',
  { doc: `The types of attributes: ${TYPES.map((type) => `\`${type}\``).join(', ')}.`, example: '{ status: int }' },
);

/** The stage `cast`. */
export const castStage: StageDefinition<Infer<typeof options>> = {
  type: 'cast',
  summary:
    'Gives attributes another type. An `int` has only digits, or a fraction of zeros, and fits into 64 bits; a `double` is ' +
    'written as JSON writes numbers; both may begin with `+` or zeros. A `bool` is `true` or `false`, `yes` or `no`, `on` ' +
    'or `off`, `1` or `0`, in any case. Anything can be a `string`. A value that is not of that type stays as it is, and ' +
    'its record is marked `parse_failed`; null stays null.',
  options,
  example: {
    config: '- cast: { status: int, duration: double, id: string }',
    input: '{"status":"200","duration":"1.5","id":7}',
    output:
      '{"body":{"stringValue":"{\\"status\\":\\"200\\",\\"duration\\":\\"1.5\\",\\"id\\":7}"},' +
      '"attributes":[{"key":"status","value":{"intValue":"200"}},{"key":"duration","value":{"doubleValue":1.5}},' +
      '{"key":"id","value":{"stringValue":"7"}}]}',
  },
  build: (types, { keys }) =>
    new CastStage(Object.entries(types).map(([name, type]) => ({ key: keys.internText(name), type }))),
};

interface Cast {
  readonly key: number;
  readonly type: Type;
}

const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

const BOOLS = new Map([
  ...['true', 'yes', 'on', '1'].map((word) => [word, ValueType.True] as const),
  ...['false', 'no', 'off', '0'].map((word) => [word, ValueType.False] as const),
]);
const MAX_BOOL_LENGTH = 5;

class CastStage implements Stage {
  readonly #casts: readonly Cast[];
  readonly #reasons: Readonly<Record<Type, string>> = {
    int: 'no int',
    double: 'no double',
    bool: 'no bool',
    string: 'no string',
  };

  constructor(casts: readonly Cast[]) {
    this.#casts = casts;
  }

  process(batch: RecordBatch): void {
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      let why: string | undefined;
      for (const { key, type } of this.#casts) {
        const row = batch.find(record, key);
        if (row === 0 || batch.attributeType[row] === ValueType.Empty) continue;
        if (!castTo(batch, row, type)) why ??= this.#reasons[type];
      }
      if (why !== undefined) batch.fail(record, why);
    }
  }
}

function castTo(batch: RecordBatch, row: number, type: Type): boolean {
  switch (type) {
    case 'int':
      return castToNumber(batch, row, true);
    case 'double':
      return castToNumber(batch, row, false);
    case 'bool':
      return castToBool(batch, row);
    case 'string':
      // What numbers, JSON, true and false are as text is what stands there.
      batch.attributeType[row] = ValueType.String;
      return true;
    default:
      return type satisfies never;
  }
}

function castToNumber(batch: RecordBatch, row: number, isInt: boolean): boolean {
  if (batch.attributeType[row]! > ValueType.Double) return false;
  const { bytes } = batch;
  let start = batch.attributeStart[row]!;
  const end = batch.attributeEnd[row]!;
  const isNegative = bytes[start] === MINUS;
  if (isNegative || bytes[start] === PLUS) start++;
  const digits = digitsEnd(bytes, start, end);
  if (digits === start) return false;
  // JSON has no zeros before a number.
  while (start < digits - 1 && bytes[start] === ZERO) start++;
  if (isNegative && bytes[start - 1] !== MINUS) {
    const at = batch.appendText('-');
    batch.appendBytes(batch.bytes, start, end);
    return setNumber(batch, row, isInt, at, batch.byteLength);
  }
  return setNumber(batch, row, isInt, isNegative ? start - 1 : start, end);
}

/** [start, end) begins as a number of JSON. */
function setNumber(batch: RecordBatch, row: number, isInt: boolean, start: number, end: number): boolean {
  const { bytes } = batch;
  const whole = scanInteger(bytes, start, end);
  if (isInt) {
    if (!isFractionOfZeros(bytes, whole, end) || integerType(bytes, start, whole) !== ValueType.Int) return false;
    setValue(batch, row, ValueType.Int, start, whole);
    return true;
  }
  if (scanFraction(bytes, whole, end) !== end) return false;
  setValue(batch, row, ValueType.Double, start, end);
  return true;
}

/** Nothing, or a point with zeros behind it. */
function isFractionOfZeros(bytes: Uint8Array, at: number, end: number): boolean {
  if (at === end) return true;
  if (bytes[at] !== POINT || at + 1 === end) return false;
  for (let i = at + 1; i < end; i++) if (bytes[i] !== ZERO) return false;
  return true;
}

function castToBool(batch: RecordBatch, row: number): boolean {
  const type = batch.attributeType[row];
  if (type === ValueType.True || type === ValueType.False) return true;
  const start = batch.attributeStart[row]!;
  const end = batch.attributeEnd[row]!;
  if (end - start > MAX_BOOL_LENGTH) return false;
  const text = batch.text(start, end);
  const cast = BOOLS.get(text.toLowerCase());
  if (cast === undefined) return false;
  batch.attributeType[row] = cast;
  const word = cast === ValueType.True ? 'true' : 'false';
  if (text !== word) setValue(batch, row, cast, batch.appendText(word), batch.byteLength);
  return true;
}

function setValue(batch: RecordBatch, row: number, type: ValueType, start: number, end: number): void {
  batch.attributeType[row] = type;
  batch.attributeStart[row] = start;
  batch.attributeEnd[row] = end;
}

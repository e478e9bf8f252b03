import * as v from 'valibot';

/**
 * How the options of a component are declared: one declaration gives the parser, the default, the unit and the
 * documentation. Keys are snake_case, values are as people write them (`5s`, `1MiB`); in code a duration is a number of
 * milliseconds and a size a number of bytes.
 *
 * ```ts
 * const options = object({ timeout: duration({ doc: 'How long one request may take.', default: '10s', min: '100ms' }) });
 * type Options = Infer<typeof options>;   // { timeout: number }
 * ```
 */
export type OptionsSchema<Options> = v.GenericSchema<unknown, Options>;

/** The options that a schema gives, as `build()` gets them. */
export type Infer<Schema extends v.GenericSchema> = v.InferOutput<Schema>;

/** What the documentation says of an option, kept as valibot metadata. */
export interface OptionDoc {
  /** Sentences for the reference page. */
  readonly doc: string;
  /** How people write a value, such as `5s`. */
  readonly example?: string;
}

interface Defaulted<Default> extends OptionDoc {
  /** As people write it. */
  readonly default: Default;
}

/** What `described()` attaches to a schema. */
export type Described = { doc: string; type: string; example?: string };

/** `schema` with its documentation; `type` is the reference page's word for the values it takes. */
export function described<Schema extends v.GenericSchema>(schema: Schema, type: string, { doc, example }: OptionDoc) {
  const described: Described = example === undefined ? { doc, type } : { doc, type, example };
  return v.pipe(schema, v.metadata<v.InferOutput<Schema>, Described>(described));
}

/**
 * The same schema of a map, but refusing lists: to valibot a list is a map with the keys 0, 1, 2, so that
 * `headers: [a, b]` would pass.
 */
export function notList<Schema extends v.GenericSchema>(schema: Schema): Schema {
  return {
    ...schema,
    '~run': (dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) =>
      schema['~run'](Array.isArray(dataset.value) ? { value: null } : dataset, config),
  };
}

/** A number with a unit, as in `5s` or `1MiB`. */
export type Quantity = string;

const DURATION_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_BYTES: Record<string, number> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

function quantity(what: 'duration' | 'size', units: Record<string, number>, example: string) {
  const message = `expected a ${what} such as ${example}`;
  const form = new RegExp(`^\\d+(?:\\.\\d+)? ?(?:${Object.keys(units).join('|')})$`);
  const parse = (text: Quantity): number => Math.round(Number.parseFloat(text) * units[text.replace(/[\d. ]/g, '')]!);
  return (limits: { min?: Quantity; max?: Quantity }) => {
    const min = limits.min === undefined ? 0 : parse(limits.min);
    const max = limits.max === undefined ? Number.MAX_SAFE_INTEGER : parse(limits.max);
    return v.pipe(
      v.string(message),
      v.regex(form, message),
      v.transform(parse),
      v.minValue(min, `expected at least ${limits.min ?? 0}`),
      v.maxValue(max, `expected at most ${limits.max ?? max}`),
    );
  };
}

const durationSchema = quantity('duration', DURATION_MS, '"5s" or "250ms"');
const sizeSchema = quantity('size', SIZE_BYTES, '"1MiB" or "64KiB"');

/** A duration, `5s`; a number of milliseconds in code. */
export function duration(option: Defaulted<Quantity> & { min?: Quantity; max?: Quantity }) {
  return v.optional(described(durationSchema(option), 'duration', option), option.default);
}

/** A duration, or left out. */
export function optionalDuration(option: OptionDoc & { min?: Quantity; max?: Quantity }) {
  return v.optional(described(durationSchema(option), 'duration', option));
}

/** A number of bytes, `1MiB`. */
export function size(option: Defaulted<Quantity> & { min?: Quantity; max?: Quantity }) {
  return v.optional(described(sizeSchema(option), 'size', option), option.default);
}

/** A number of bytes, or left out. */
export function optionalSize(option: OptionDoc & { min?: Quantity; max?: Quantity }) {
  return v.optional(described(sizeSchema(option), 'size', option));
}

const textSchema = v.pipe(v.string('expected text'), v.minLength(1, 'expected text that is not empty'));

/** Where to listen on this machine alone. */
export interface LoopbackAddress {
  readonly host: string;
  readonly port: number;
}

/** `host:port` on the loopback interface; IPv6 in brackets. Port 0: any that is free. */
export function loopbackAddress(option: Defaulted<string>) {
  const message = 'expected a loopback address and a port, such as 127.0.0.1:9595';
  const form = /^(127(?:\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){3}|localhost|\[::1\]):(\d{1,5})$/;
  const address = v.pipe(
    v.string(message),
    v.regex(form, message),
    v.transform((text): LoopbackAddress => {
      const [, host = '', port = ''] = form.exec(text) ?? [];
      return { host: host.replace(/[[\]]/g, ''), port: Number(port) };
    }),
    v.check(({ port }) => port <= 65_535, 'expected a port up to 65535'),
  );
  return v.optional(described(address, 'address', option), option.default);
}

/** Where to listen; `host` is undefined for every address of this machine, IPv4 and IPv6. */
export interface ListenAddress {
  readonly host: string | undefined;
  readonly port: number;
}

/** `host:port` of any address of this machine; IPv6 in brackets; `:port`: all of them. Port 0: any that is free. */
export function listenAddress(option: Defaulted<string>) {
  return v.optional(listenSchema(option), option.default);
}

/** The same, or left out. */
export function optionalListenAddress(option: OptionDoc) {
  return v.optional(listenSchema(option));
}

function listenSchema(option: OptionDoc) {
  const message = 'expected an address and a port, such as 0.0.0.0:9596, [::]:9596 or :9596';
  const form = /^(\d{1,3}(?:\.\d{1,3}){3}|localhost|\[[0-9a-fA-F:.]+(?:%\w+)?\]|):(\d{1,5})$/;
  const address = v.pipe(
    v.string(message),
    v.regex(form, message),
    v.transform((text): ListenAddress => {
      const [, host = '', port = ''] = form.exec(text) ?? [];
      return { host: host === '' ? undefined : host.replace(/[[\]]/g, ''), port: Number(port) };
    }),
    v.check(({ port }) => port <= 65_535, 'expected a port up to 65535'),
  );
  return described(address, 'address', option);
}

/** Text that must be given. */
export function text(option: OptionDoc) {
  return described(textSchema, 'text', option);
}

/** Text that may be left out. */
export function optionalText(option: OptionDoc) {
  return v.optional(described(textSchema, 'text', option));
}

/** Text with a default. */
export function defaultText(option: Defaulted<string>) {
  return v.optional(described(textSchema, 'text', option), option.default);
}

/** True or false. */
export function flag(option: Defaulted<boolean>) {
  return v.optional(described(v.boolean('expected true or false'), 'true or false', option), option.default);
}

/** A whole number in a range; from 0 on where nothing else is said. */
export function integer(option: Defaulted<number> & { min?: number; max?: number }) {
  return v.optional(described(wholeNumber(option), 'whole number', option), option.default);
}

function wholeNumber({ min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number }) {
  return v.pipe(
    v.number('expected a whole number'),
    v.integer('expected a whole number'),
    v.minValue(min, `expected at least ${min}`),
    v.maxValue(max, `expected at most ${max}`),
  );
}

/** A whole number in a range, or left out. */
export function optionalInteger(option: OptionDoc & { min: number; max: number }) {
  return v.optional(described(wholeNumber(option), 'whole number', option));
}

const MAX_BOUNDS = 200;

const boundsSchema = v.pipe(
  v.array(v.pipe(v.number('expected a number'), v.finite('expected a finite number')), 'expected a list of numbers'),
  v.minLength(1, 'expected at least one bound'),
  v.maxLength(MAX_BOUNDS, `expected at most ${MAX_BOUNDS} bounds`),
  v.check((list) => list.every((bound, i) => i === 0 || bound > list[i - 1]!), 'expected bounds that grow'),
);

/** Bounds of the buckets of a histogram, ascending; or left out. */
export function ascendingNumbers(option: OptionDoc) {
  return v.optional(described(boundsSchema, 'list of numbers', option));
}

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[], option: Defaulted<Word>) {
  return v.optional(choiceSchema(words, option), option.default);
}

/** One of a few words, or left out. */
export function optionalChoice<const Word extends string>(words: readonly Word[], option: OptionDoc) {
  return v.optional(choiceSchema(words, option));
}

function choiceSchema<const Word extends string>(words: readonly Word[], option: OptionDoc) {
  const schema = v.picklist(words, `expected one of ${words.join(', ')}`);
  return described(schema, words.map((word) => `\`${word}\``).join(', '), option);
}

/** A list of texts with at least one; a text alone is a list of one. */
export function texts(option: OptionDoc) {
  return textList(1, option);
}

/** The same with a default; the list may be empty. */
export function defaultTexts(option: Defaulted<readonly string[]>) {
  return v.optional(textList(0, option), [...option.default]);
}

/** The same with a default; the list has at least one. */
export function someTexts(option: Defaulted<readonly string[]>) {
  return v.optional(textList(1, option), [...option.default]);
}

function textList(minLength: number, option: OptionDoc) {
  const list = v.pipe(v.array(textSchema, 'expected a list of texts'), v.minLength(minLength, 'expected at least one'));
  const listOrOne = v.pipe(
    v.union([list, textSchema], 'expected a list of texts'),
    v.transform((texts) => (typeof texts === 'string' ? [texts] : texts)),
  );
  return described(listOrOne, 'list of text', option);
}

const scalar = v.union([v.string(), v.number(), v.boolean()], ({ input }) => {
  const expected = 'expected text, a number, true or false';
  return typeof input === 'object' && input !== null ? `${expected}; nested names are joined with dots` : expected;
});

/** Names and values: text, numbers, true or false. */
export function attributes(option: OptionDoc) {
  const schema = notList(v.record(v.string(), scalar, 'expected a map of names and values'));
  return v.optional(described(schema, 'map', option), {});
}

/** Names and texts. */
export function textMap(option: OptionDoc) {
  const schema = notList(v.record(v.string(), v.string('expected text'), 'expected a map of names and texts'));
  return v.optional(described(schema, 'map', option), {});
}

/** The options of a component. A key that is not named here is an error. */
export function object<const Entries extends v.ObjectEntries>(entries: Entries) {
  return notList(v.strictObject(entries, 'expected a map of options'));
}

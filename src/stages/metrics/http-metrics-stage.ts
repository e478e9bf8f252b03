import { KNOWN_METHOD_COUNT, knownMethod } from '../../codec/clf/parse-request.ts';
import type { StageContext } from '../../component/definition.ts';
import { Scale } from '../../component/scale.ts';
import type { Stage } from '../../core/contracts.ts';
import { type Instrument, type InstrumentSpec, KnownSpan, type ValueReader } from '../../core/instruments.ts';
import type { KeyTable } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { numberValue } from './number-value.ts';

/** The labels of requests, by the semantic conventions of HTTP servers, as far as a log has them. */
export const HTTP_LABELS = [
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'url.scheme',
  'error.type',
] as const;

/** Where the ready-made pipelines and loggers leave how long a request took, and what makes seconds of it. */
export const DURATIONS: Readonly<Record<string, number>> = {
  'http.server.request.duration': 1,
  'nginx.request_time': 1,
  'caddy.duration': 1,
  'envoy.duration': 1e-3,
  'haproxy.time_total': 1e-3,
  'traefik.duration': 1e-9,
  'traefik.duration_ms': 1e-3,
  'openstack.duration': 1,
  'rails.duration': 1e-3,
  'rails.duration_s': 1,
  responseTime: 1e-3,
};

const OTHER = Buffer.from('_OTHER');
const ZERO = 0x30;
const FIVE = 0x35;
/** One more than the largest status. */
const STATUS_CODES = 600;
/** The number of a method that is not known. */
const OTHER_METHOD = KNOWN_METHOD_COUNT + 1;

/** What an attribute is to this stage, in the order of `HTTP_LABELS`; from `Duration` on, a duration. */
const Role = { None: 0, Method: 1, Status: 2, Route: 3, Scheme: 4, Duration: 5 } as const;

/** What the stage is told. */
export interface HttpMetricsSettings {
  readonly duration: InstrumentSpec;
  readonly requests: InstrumentSpec;
  /** What finds the values of further labels, which stand behind `HTTP_LABELS` in both metrics. */
  readonly further: readonly ValueReader[];
  /** Attributes that may hold the duration, each with what makes seconds of it. */
  readonly durations: Readonly<Record<string, number>>;
  /** What finds the duration where it is no attribute, with what makes seconds of it. */
  readonly own: { readonly reader: ValueReader; readonly scale: number } | undefined;
}

/** Counts the requests among the records: those that have a status. One pass over the attributes finds all labels. */
export class HttpMetricsStage implements Stage {
  readonly #durations: Instrument;
  readonly #requests: Instrument;
  readonly #method = new KnownSpan();
  readonly #status = new KnownSpan();
  readonly #route = new KnownSpan();
  readonly #scheme = new KnownSpan();
  readonly #error = new KnownSpan();
  readonly #found = [this.#method, this.#status, this.#route, this.#scheme, this.#error];
  readonly #duration = new KnownSpan();
  readonly #hasFurther: boolean;
  /** By key: see `Role`. */
  readonly #roles: Uint8Array;
  /** By role less `Role.Duration`. */
  readonly #scales: readonly Scale[];
  readonly #own: { readonly reader: ValueReader; readonly scale: Scale } | undefined;

  constructor(settings: HttpMetricsSettings, { keys, instruments }: StageContext) {
    const { duration, requests, further, own } = settings;
    const readers = [this.#method, this.#status, this.#route, this.#scheme, this.#error, ...further];
    this.#hasFurther = further.length > 0;
    this.#durations = instruments.open(duration, readers);
    this.#requests = instruments.open(requests, readers);
    this.#own = own && { reader: own.reader, scale: new Scale(own.scale) };
    const durations = Object.entries(settings.durations);
    this.#roles = rolesOf([...HTTP_LABELS.slice(0, 4), ...durations.map(([name]) => name)], keys);
    this.#scales = durations.map(([, factor]) => new Scale(factor));
  }

  process(batch: RecordBatch): void {
    const used = batch.byteLength;
    const other = batch.appendBytes(OTHER, 0, OTHER.length);
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record) || !this.#locate(batch, record)) continue;
      const seconds = this.#seconds(batch, record);
      const isTimed = !Number.isNaN(seconds);
      const instrument = isTimed ? this.#durations : this.#requests;
      const value = isTimed ? seconds : 1;
      const key = this.#key;
      if (key > 0 && instrument.recordAgain(batch, record, value, key)) continue;
      this.#setLabels(batch.bytes, other);
      instrument.record(batch, record, value, key);
    }
    batch.byteLength = used;
  }

  /** What was found in a record: spans, whose end is -1 where there is none; and of a duration its role. */
  #methodStart = 0;
  #methodEnd = -1;
  #statusStart = 0;
  #routeStart = 0;
  #routeEnd = -1;
  #schemeStart = 0;
  #schemeEnd = -1;
  #role = 0;
  /** Which known method it is (0: none), and the status. */
  #knownMethod = 0;
  #statusCode = 0;
  /** What stands for all its labels; 0: they are more than that can tell. */
  #key = 0;

  /** Finds what the record says of a request; whether it is one. */
  #locate(batch: RecordBatch, record: number): boolean {
    const roles = this.#roles;
    const { attributeNext, attributeKey, attributeType, attributeStart, attributeEnd, bytes } = batch;
    this.#methodEnd = -1;
    this.#statusCode = 0;
    this.#routeEnd = -1;
    this.#schemeEnd = -1;
    this.#duration.type = ValueType.Empty;
    for (let row = batch.firstAttribute[record]!; row !== 0; row = attributeNext[row]!) {
      const key = attributeKey[row]!;
      const role = key < roles.length ? roles[key]! : Role.None;
      if (role === Role.None) continue;
      const start = attributeStart[row]!;
      const end = attributeEnd[row]!;
      switch (role) {
        case Role.Method:
          this.#methodStart = start;
          this.#methodEnd = end;
          break;
        case Role.Status:
          this.#statusStart = start;
          this.#statusCode = statusCode(bytes, start, end);
          break;
        case Role.Route:
          this.#routeStart = start;
          this.#routeEnd = end;
          break;
        case Role.Scheme:
          this.#schemeStart = start;
          this.#schemeEnd = end;
          break;
        default:
          this.#duration.set(start, end);
          this.#duration.type = attributeType[row]!;
          this.#role = role;
      }
    }
    if (this.#statusCode === 0) return false;
    const hasMethod = this.#methodEnd >= 0;
    this.#knownMethod = hasMethod ? knownMethod(bytes, this.#methodStart, this.#methodEnd) : 0;
    const hasMore = this.#routeEnd >= 0 || this.#schemeEnd >= 0 || this.#hasFurther;
    const method = hasMethod && this.#knownMethod === 0 ? OTHER_METHOD : this.#knownMethod;
    this.#key = hasMore ? 0 : method * STATUS_CODES + this.#statusCode;
    return true;
  }

  /** Gives what was found to the instruments. `other`: where the name of unknown methods lies. */
  #setLabels(bytes: Uint8Array, other: number): void {
    for (const label of this.#found) label.clear();
    if (this.#knownMethod > 0) this.#method.set(this.#methodStart, this.#methodEnd);
    else if (this.#methodEnd >= 0) this.#method.set(other, other + OTHER.length);
    this.#status.set(this.#statusStart, this.#statusStart + 3);
    if (bytes[this.#statusStart] === FIVE) this.#error.set(this.#statusStart, this.#statusStart + 3);
    if (this.#routeEnd >= 0) this.#route.set(this.#routeStart, this.#routeEnd);
    if (this.#schemeEnd >= 0) this.#scheme.set(this.#schemeStart, this.#schemeEnd);
  }

  /** How long the request took; NaN: nobody knows. */
  #seconds(batch: RecordBatch, record: number): number {
    const own = this.#own;
    if (own === undefined) {
      if (this.#duration.type === ValueType.Empty) return Number.NaN;
      return notNegative(this.#scales[this.#role - Role.Duration]!.of(numberValue(batch, this.#duration)));
    }
    const used = batch.byteLength;
    own.reader.locate(batch, record);
    const seconds = own.scale.of(numberValue(batch, own.reader));
    batch.byteLength = used;
    return notNegative(seconds);
  }
}

/** The status at a place; 0 for what is none: a log must not be able to make series with numbers of its own. */
function statusCode(bytes: Uint8Array, start: number, end: number): number {
  const hundreds = bytes[start]! - ZERO;
  const tens = bytes[start + 1]! - ZERO;
  const ones = bytes[start + 2]! - ZERO;
  if (end - start !== 3 || hundreds < 1 || hundreds > 5 || tens >>> 0 > 9 || ones >>> 0 > 9) return 0;
  return 100 * hundreds + 10 * tens + ones;
}

function notNegative(value: number): number {
  return value >= 0 && value < Number.POSITIVE_INFINITY ? value : Number.NaN;
}

/** By key: the place of its name in the list, from 1 on; 0: it is not in it. */
function rolesOf(names: readonly string[], keys: KeyTable): Uint8Array {
  const ids = names.map((name) => keys.internText(name));
  const roles = new Uint8Array(Math.max(...ids) + 1);
  for (const [place, id] of ids.entries()) roles[id] = place + 1;
  return roles;
}

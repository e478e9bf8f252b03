import { isUtf8 } from 'node:buffer';

/** An event or a service check of DogStatsD. Texts are as they were sent, line feeds put back. */
export interface StatsdEvent {
  readonly body: string;
  /** The level as the protocol has it: of an event `error`, `warning`, `info`, `success`; of a check `critical`, `warning`, `ok`, `unknown`. */
  readonly level: string;
  /** In seconds since 1970; undefined: not said. */
  readonly unixSeconds: number | undefined;
  readonly attributes: ReadonlyMap<string, string>;
}

const EVENT = Buffer.from('_e{');
const CHECK = Buffer.from('_sc|');
/** The year 2554, when the nanoseconds of OTLP end. */
const MAX_UNIX_SECONDS = 18_446_744_073;
/** More is no description of an event. */
const MAX_TAGS = 64;

const ALERTS = ['error', 'warning', 'info', 'success'];
const STATES = ['ok', 'warning', 'critical', 'unknown'];

/** Attributes by the word in front of a part of an event. */
const EVENT_PARTS: Readonly<Record<string, string>> = {
  'h:': 'host.name',
  'k:': 'dogstatsd.event.aggregation_key',
  'p:': 'dogstatsd.event.priority',
  's:': 'dogstatsd.event.source_type',
};

/** Whether the line `bytes[start, end)` is an event or a service check, or pretends to be. */
export function isStatsdEvent(bytes: Uint8Array, start: number, end: number): boolean {
  return startsWith(bytes, start, end, EVENT) || startsWith(bytes, start, end, CHECK);
}

/**
 * Reads such a line; undefined: it is not as it should be.
 *
 * ```
 *  _e{7,9}:Restart|was\nkept|d:1656581400|h:web-1|k:deploys|p:low|s:chef|t:warning|#env:dev
 *  _sc|db.connect|2|d:1656581400|h:web-1|#env:dev|m:no route
 * ```
 * Makes garbage: there are few of them.
 */
export function parseStatsdEvent(bytes: Buffer, start: number, end: number): StatsdEvent | undefined {
  const line = bytes.subarray(start, end);
  if (!isUtf8(line)) return undefined;
  return startsWith(line, 0, line.length, EVENT) ? parseEvent(line) : parseCheck(line.toString());
}

function parseEvent(line: Buffer): StatsdEvent | undefined {
  const [head, titleLength, textLength] = /^_e\{(\d{1,6}),(\d{1,6})\}:/.exec(line.toString('latin1', 0, 32)) ?? [];
  if (head === undefined) return undefined;
  // Lengths are of bytes, and the texts may hold a "|".
  const titleEnd = head.length + Number(titleLength);
  const textEnd = titleEnd + 1 + Number(textLength);
  if (textEnd > line.length || line[titleEnd] !== PIPE || (textEnd < line.length && line[textEnd] !== PIPE))
    return undefined;
  const title = unescaped(line.toString('utf8', head.length, titleEnd));
  const text = unescaped(line.toString('utf8', titleEnd + 1, textEnd));
  if (title === '') return undefined;
  const attributes = new Map([['dogstatsd.event.title', title]]);
  let level = 'info';
  let unixSeconds: number | undefined;
  for (const part of line.toString('utf8', textEnd).split('|').slice(1)) {
    const value = part.slice(2);
    const name = EVENT_PARTS[part.slice(0, 2)];
    if (name !== undefined && value !== '') attributes.set(name, value);
    else if (part.startsWith('t:')) level = ALERTS.includes(value) ? value : 'info';
    else if (part.startsWith('d:')) unixSeconds = seconds(value);
    else if (part.startsWith('#') && !addTags(attributes, part.slice(1))) return undefined;
  }
  return { body: text === '' ? title : text, level, unixSeconds, attributes };
}

function parseCheck(line: string): StatsdEvent | undefined {
  const [, name = '', state = '', rest = ''] = /^_sc\|([^|]+)\|([0-3])((?:\|.*)?)$/s.exec(line) ?? [];
  const level = STATES[Number(state)];
  if (name === '' || level === undefined) return undefined;
  const attributes = new Map([
    ['dogstatsd.service_check.name', name],
    ['dogstatsd.service_check.status', level],
  ]);
  // The message is the last part, and may hold a "|".
  const messageAt = rest.indexOf('|m:');
  const message = messageAt < 0 ? '' : unescaped(rest.slice(messageAt + 3)).replaceAll('m\\:', 'm:');
  let unixSeconds: number | undefined;
  for (const part of (messageAt < 0 ? rest : rest.slice(0, messageAt)).split('|').slice(1)) {
    if (part.startsWith('h:') && part.length > 2) attributes.set('host.name', part.slice(2));
    else if (part.startsWith('d:')) unixSeconds = seconds(part.slice(2));
    else if (part.startsWith('#') && !addTags(attributes, part.slice(1))) return undefined;
  }
  return { body: message === '' ? `${name} is ${level}` : message, level, unixSeconds, attributes };
}

/** Tags become attributes of their names; what the protocol says itself goes before them. False: too many. */
function addTags(attributes: Map<string, string>, text: string): boolean {
  const tags = text.split(',', MAX_TAGS + 1);
  if (tags.length > MAX_TAGS) return false;
  for (const tag of tags) {
    const colon = tag.indexOf(':');
    const name = colon < 0 ? tag : tag.slice(0, colon);
    if (name !== '' && !attributes.has(name)) attributes.set(name, colon < 0 ? 'true' : tag.slice(colon + 1));
  }
  return true;
}

function seconds(text: string): number | undefined {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : 0;
  return value > 0 && value < MAX_UNIX_SECONDS ? value : undefined;
}

function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n');
}

const PIPE = 0x7c;

function startsWith(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start < word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false;
  return true;
}

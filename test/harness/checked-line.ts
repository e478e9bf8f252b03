import { crc32 } from 'node:zlib';
import type { DecodedLogRecord } from '../../src/codec/otlp/decode-logs.ts';

/** Which line it is. */
export interface LineId {
  /** The log that it belongs to. */
  readonly log: string;
  /** The number of its file among those of the log; a truncated file counts as another one. */
  readonly file: number;
  /** Its number in the log, from 1 on. */
  readonly line: number;
}

/** Harmless and hostile text, as applications write it. */
const TEXTS = [
  'request completed',
  'quote " backslash \\ tab \t and a newline \n inside',
  'Bestellung für Zürich bestätigt',
  '注文を受け付けました 🚲',
  '</script> {jndi:ldap://x} %s %n \u0000 \u001b[31m',
  '',
];
/** Some lines are longer than a page, and than the usual write. */
const LONG_EVERY = 97;
const LONG_CHARS = 9000;

/** The text of a line, without its end: JSON with a checksum over all that it says. The same id gives the same text. */
export function lineText({ log, file, line }: LineId): string {
  const padding = '.'.repeat(line % LONG_EVERY === 0 ? LONG_CHARS : (line * 7919) % 200);
  const msg = TEXTS[line % TEXTS.length]! + padding;
  return JSON.stringify({ log, file, line, crc: checksum({ log, file, line }, msg), msg });
}

/** The line that a record was made of, whether a `json` stage has read it or not; undefined: nobody wrote that. */
export function lineOf({ body, attributes }: DecodedLogRecord): LineId | undefined {
  if (attributes.has('crc')) return checked(Object.fromEntries(attributes));
  return typeof body === 'string' ? lineOfText(body) : undefined;
}

/** The line of which `text` is the whole; undefined: it is none, or not whole. */
export function lineOfText(text: string): LineId | undefined {
  try {
    return checked(JSON.parse(text) as Record<string, unknown>);
  } catch {
    return undefined;
  }
}

function checked({ log, file, line, crc, msg }: Record<string, unknown>): LineId | undefined {
  if (typeof log !== 'string' || typeof msg !== 'string') return undefined;
  const id = { log, file: Number(file), line: Number(line) };
  return crc === checksum(id, msg) ? id : undefined;
}

function checksum({ log, file, line }: LineId, msg: string): string {
  return crc32(`${log}/${file}/${line}/${msg}`).toString(16).padStart(8, '0');
}

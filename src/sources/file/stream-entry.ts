import type { Evidence, Fingerprint } from '../../checkpoint/file-identity.ts';
import { LINE_RESUMES, type LineResume } from '../../framing/newline.ts';

/** What the checkpoint holds of one stream: how far it is delivered, and how to know its file again. */
export interface StreamEntry extends Evidence {
  /** See `keyOf()`. */
  readonly key: string;
  /** The name that led to it last. */
  readonly path: string;
  /** The name under which it was found first; a successor appears there. */
  readonly home: string;
  /** When its file was made, in nanoseconds since 1970. */
  readonly bornNs: bigint;
  /** How often it was truncated. */
  readonly generation: number;
  /** How reading goes on at `offset`. */
  readonly resume: LineResume;
  /** The last size seen, in bytes. */
  readonly size: number;
}

/** The section of the checkpoint as JSON. */
export function encodeEntries(entries: Iterable<StreamEntry>): unknown {
  return { streams: Array.from(entries, (entry) => ({ ...entry, bornNs: String(entry.bornNs) })) };
}

/** Reads what `encodeEntries()` made. Whatever is not an entry is left out: its file is then read from its beginning. */
export function parseEntries(section: unknown): StreamEntry[] {
  if (!isObject(section) || !Array.isArray(section['streams'])) return [];
  return section['streams'].flatMap((value: unknown) => parseEntry(value) ?? []);
}

function parseEntry(value: unknown): StreamEntry | undefined {
  if (!isObject(value)) return undefined;
  const { key, path, home, bornNs, generation, offset, resume, size } = value;
  const head = parseFingerprint(value['head']);
  const window = parseFingerprint(value['window']);
  const known = LINE_RESUMES.find((word) => word === resume);
  if (head === undefined || window === undefined || known === undefined) return undefined;
  if (typeof key !== 'string' || typeof path !== 'string' || typeof home !== 'string') return undefined;
  if (typeof bornNs !== 'string' || !/^\d{1,30}$/.test(bornNs)) return undefined;
  if (!isCount(generation) || !isCount(offset) || !isCount(size)) return undefined;
  return { key, path, home, bornNs: BigInt(bornNs), generation, offset, resume: known, size, head, window };
}

function parseFingerprint(value: unknown): Fingerprint | undefined {
  if (!isObject(value)) return undefined;
  const { length, hash } = value;
  return isCount(length) && typeof hash === 'string' ? { length, hash } : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

import type { Evidence, Fingerprint } from '../../checkpoint/file-identity.ts';
import { MARKED_ENCODINGS, type MarkedEncoding } from '../../framing/byte-order-mark.ts';
import { FORMATS, type Format } from '../../framing/framings.ts';
import { isResumeWord } from '../../framing/resume-word.ts';
import { createStreamId } from './stream-id.ts';

/** What the checkpoint holds of one stream: how far it is delivered, and how to know its file again. */
export interface StreamEntry extends Evidence {
  /** See `createStreamId()`. */
  readonly id: string;
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
  readonly resume: string;
  /** The format that was detected; undefined: none yet. */
  readonly format?: Format | undefined;
  /** The last size seen, in bytes. */
  readonly size: number;
  /** The encoding that the mark at its start tells; none: that of the source. */
  readonly encoding?: MarkedEncoding;
  /** Of a compressed file: what its compressed bytes were, all of them; offset and size are in what they hold. */
  readonly archive?: Evidence;
}

/** A search for files that took a name after a known one, and lost it before anybody looked. */
export interface SearchEntry {
  readonly home: string;
  /** Only what was written after this can be younger than the known one; in nanoseconds since 1970. */
  readonly afterNs: bigint;
}

/** What the section of a file source holds. */
export interface StoredState {
  readonly streams: readonly StreamEntry[];
  /** Searches that were not finished: what they would have found is in no entry. */
  readonly searches: readonly SearchEntry[];
  /** Streams that were truncated away and not done with: only a copy can have the rest. Their keys are other streams'. */
  readonly lost: readonly StreamEntry[];
}

/** The section as JSON. */
export function encodeState({ streams, searches, lost }: StoredState): unknown {
  return {
    streams: streams.map(encodeEntry),
    searches: searches.map(({ home, afterNs }) => ({ home, afterNs: String(afterNs) })),
    lost: lost.map(encodeEntry),
  };
}

function encodeEntry(entry: StreamEntry): unknown {
  return { ...entry, bornNs: String(entry.bornNs) };
}

/** Reads what `encodeState()` made. Whatever is not an entry is left out: its file is then read from its beginning. */
export function parseState(section: unknown): StoredState {
  const { streams, searches, lost } = isObject(section) ? section : {};
  return {
    streams: toList(streams).flatMap((value) => parseEntry(value) ?? []),
    searches: toList(searches).flatMap((value) => parseSearch(value) ?? []),
    lost: toList(lost).flatMap((value) => parseEntry(value) ?? []),
  };
}

function parseSearch(value: unknown): SearchEntry | undefined {
  if (!isObject(value)) return undefined;
  const { home } = value;
  const afterNs = parseNs(value['afterNs']);
  return typeof home === 'string' && afterNs !== undefined ? { home, afterNs } : undefined;
}

function parseEntry(value: unknown): StreamEntry | undefined {
  if (!isObject(value)) return undefined;
  const { id, key, path, home, generation, offset, resume, size } = value;
  const bornNs = parseNs(value['bornNs']);
  const head = parseFingerprint(value['head']);
  const window = parseFingerprint(value['window']);
  if (head === undefined || window === undefined || !isResumeWord(resume) || bornNs === undefined) return undefined;
  if (typeof key !== 'string' || typeof path !== 'string' || typeof home !== 'string') return undefined;
  if (!isCount(generation) || !isCount(offset) || !isCount(size)) return undefined;
  const known = typeof id === 'string' ? id : createStreamId('', key, bornNs);
  const entry = { id: known, key, path, home, bornNs, generation, offset, resume, size, head, window };
  const archive = parseEvidence(value['archive']);
  const format = FORMATS.find((format) => format === value['format']);
  const encoding = MARKED_ENCODINGS.find((word) => word === value['encoding']);
  return { ...entry, ...(archive && { archive }), ...(encoding && { encoding }), ...(format && { format }) };
}

function parseEvidence(value: unknown): Evidence | undefined {
  if (!isObject(value)) return undefined;
  const { offset } = value;
  const head = parseFingerprint(value['head']);
  const window = parseFingerprint(value['window']);
  return isCount(offset) && head !== undefined && window !== undefined ? { offset, head, window } : undefined;
}

function parseFingerprint(value: unknown): Fingerprint | undefined {
  if (!isObject(value)) return undefined;
  const { length, hash } = value;
  return isCount(length) && typeof hash === 'string' ? { length, hash } : undefined;
}

function parseNs(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^\d{1,30}$/.test(value) ? BigInt(value) : undefined;
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

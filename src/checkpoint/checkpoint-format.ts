import { crc32 } from 'node:zlib';
import { JsonText } from '../core/contracts.ts';

/** Sections by name; what is in one is its owner's affair. */
export type Sections = ReadonlyMap<string, unknown>;

/** What the bytes of a checkpoint turned out to be. */
export type DecodedCheckpoint =
  | { readonly kind: 'valid'; readonly sections: Sections }
  | { readonly kind: 'unusable'; readonly reason: string };

const VERSION = 1;
const OLDEST_VERSION = 1;
const HEADER = /^pillion-checkpoint (\d{1,9}) (\d{1,15}) [0-9a-f]{8}\n/;
const MAX_HEADER_BYTES = 64;

/**
 * A checkpoint as bytes: a line with version, length and CRC-32 of the rest, then JSON.
 *
 * ```
 * pillion-checkpoint 1 214 9ae0c2f1
 * {"sections":{"source/app":{…}}}
 * ```
 */
export function encodeCheckpoint(sections: Sections): Buffer {
  const parts = Array.from(sections, ([name, value]) => `${JSON.stringify(name)}:${jsonOf(value)}`);
  const body = Buffer.from(`{"sections":{${parts.join(',')}}}\n`);
  return Buffer.concat([headerOf(body, VERSION), body]);
}

function jsonOf(value: unknown): string {
  return value instanceof JsonText ? value.text : (JSON.stringify(value) ?? 'null');
}

/** Reads what `encodeCheckpoint()` wrote. Any other bytes, one flipped bit included, are unusable, never an exception. */
export function decodeCheckpoint(bytes: Buffer): DecodedCheckpoint {
  const header = HEADER.exec(bytes.toString('latin1', 0, MAX_HEADER_BYTES));
  if (header === null) return unusable('it is no checkpoint');
  const version = Number(header[1]);
  if (version < OLDEST_VERSION) return unusable(`nobody ever wrote version ${version}`);
  if (version > VERSION) return unusable(`its version ${version} is newer than version ${VERSION} of this agent`);
  const body = bytes.subarray(header[0].length);
  // The header is a function of the body: comparing it as a whole finds a change anywhere in it.
  if (!headerOf(body, version).equals(bytes.subarray(0, header[0].length))) return unusable('its checksum is wrong');
  const sections = sectionsOf(body.toString());
  return sections === undefined ? unusable('it has no sections') : { kind: 'valid', sections };
}

function headerOf(body: Buffer, version: number): Buffer {
  const checksum = crc32(body).toString(16).padStart(8, '0');
  return Buffer.from(`pillion-checkpoint ${version} ${body.length} ${checksum}\n`, 'latin1');
}

function sectionsOf(json: string): Sections | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined; // a right checksum proves no agent: anybody can make one
  }
  if (typeof value !== 'object' || value === null || !('sections' in value)) return undefined;
  const { sections } = value;
  return typeof sections === 'object' && sections !== null ? new Map(Object.entries(sections)) : undefined;
}

function unusable(reason: string): DecodedCheckpoint {
  return { kind: 'unusable', reason };
}

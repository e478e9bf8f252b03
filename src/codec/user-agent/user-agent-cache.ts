import { parseUserAgent } from './parse-user-agent.ts';

/** What a user agent tells, as bytes that lie one behind another, in the order of `AGENT_ATTRIBUTES`. */
export interface CachedAgent {
  /** The header; it tells whether this is the one. */
  readonly header: Buffer;
  readonly bytes: Buffer;
  /** Where each part ends in `bytes`. */
  readonly ends: readonly number[];
}

/** The parts of a user agent, by the attributes that they become. */
export const AGENT_ATTRIBUTES = [
  'user_agent.name',
  'user_agent.version',
  'user_agent.os.name',
  'user_agent.os.version',
  'user_agent.synthetic.type',
] as const;

const SLOTS = 1024;
/** Longer headers are parsed each time. */
const MAX_CACHED_BYTES = 512;

/**
 * User agents that were parsed before, by the bytes of the header. A new one takes the slot of the one that was there, so
 * that memory is bounded, whatever clients send: about 1 MiB. A hit takes 150 ns for 80 bytes
 * (test/bench/micro/normalize.bench.ts).
 */
export class UserAgentCache {
  readonly #slots: (CachedAgent | undefined)[] = new Array<CachedAgent | undefined>(SLOTS).fill(undefined);

  /** What the header `bytes[start, end)` tells. */
  find(bytes: Buffer, start: number, end: number): CachedAgent {
    if (end - start > MAX_CACHED_BYTES) return parse(bytes, start, end);
    let hash = end - start;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const cached = this.#slots[slot];
    if (cached !== undefined && isHeader(cached.header, bytes, start, end)) return cached;
    const parsed = parse(bytes, start, end);
    this.#slots[slot] = parsed;
    return parsed;
  }
}

function isHeader(header: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (header.length !== end - start) return false;
  for (let i = 0; i < header.length; i++) if (header[i] !== bytes[start + i]) return false;
  return true;
}

function parse(bytes: Buffer, start: number, end: number): CachedAgent {
  const header = Buffer.from(bytes.subarray(start, end));
  const { name, version, osName, osVersion, syntheticType } = parseUserAgent(header.toString('utf8', 0, 4096));
  const parts = [name, version, osName, osVersion, syntheticType].map((part) => Buffer.from(part));
  let length = 0;
  return { header, bytes: Buffer.concat(parts), ends: parts.map((part) => (length += part.length)) };
}

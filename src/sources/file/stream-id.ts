import { hostname } from 'node:os';
import { fingerprint } from '../../checkpoint/file-identity.ts';

/**
 * What a stream is called for ever: 16 hexadecimal digits, made when its file is first seen out of what no other file
 * has, and kept through names, devices and compression. It is derived, not drawn: an agent that is killed before it
 * could write it down gives the file the same one again.
 */
export function createStreamId(source: string, key: string, bornNs: bigint): string {
  return fingerprint(Buffer.from(`${hostname()}\n${source}\n${key}\n${bornNs}`)).hash;
}

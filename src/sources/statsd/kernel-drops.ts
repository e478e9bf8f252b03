import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { endianness } from 'node:os';

/**
 * How many packets the kernel has thrown away that came for a socket of UDP, because its buffer was full. Undefined where
 * the kernel does not say, as on anything but Linux. `proc` is `/proc`.
 */
export async function kernelDrops(proc: string, { address, port, family }: AddressInfo): Promise<number | undefined> {
  const isV6 = family === 'IPv6';
  const local = `${procAddress(isV6 ? ipv6Bytes(address) : address.split('.').map(Number))}:${hex(port, 4)}`;
  let text: string;
  try {
    text = await readFile(`${proc}/net/${isV6 ? 'udp6' : 'udp'}`, 'latin1');
  } catch {
    return undefined;
  }
  //  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  const fields = text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((columns) => columns[1] === local);
  const drops = Number(fields?.[12]);
  return Number.isSafeInteger(drops) ? drops : undefined;
}

/** Words of 32 bits, as they lie in memory. */
function procAddress(bytes: readonly number[]): string {
  const words: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const word = bytes.slice(at, at + 4);
    if (endianness() === 'LE') word.reverse();
    words.push(word.map((byte) => hex(byte, 2)).join(''));
  }
  return words.join('');
}

function ipv6Bytes(address: string): number[] {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const groupsOf = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const first = groupsOf(head);
  const last = groupsOf(tail ?? '');
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - first.length - last.length }, () => '0');
  return [...first, ...zeros, ...last].flatMap((group) => {
    const word = Number.parseInt(group, 16);
    return [word >> 8, word & 0xff];
  });
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

import { digitsEnd, digitsValue } from '../../bytes/digits.ts';

/** A host and a port, as spans of the text that was read; the port is empty where there is none. */
export class AddressSpans {
  hostStart = 0;
  hostEnd = 0;
  portStart = 0;
  portEnd = 0;
}

const COLON = 0x3a;
const MAX_PORT = 65_535;
const MAX_PORT_DIGITS = 5;

/** What stands in names of hosts and in addresses: letters, digits, `.`, `-`, `_`, `:`, `%`, and what is not ASCII. */
const IN_HOST = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 || /[\w.:%-]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/**
 * Reads `host`, `host:port`, `[::1]:port`, `[::1]` or `::1` (more than one colon is an address of IPv6 without a port).
 * False: it is none. O(length).
 */
export function readAddress(bytes: Uint8Array, start: number, end: number, into: AddressSpans): boolean {
  let hostEnd = end;
  let port = end;
  if (start < end && bytes[start] === 0x5b) {
    start++;
    hostEnd = start;
    while (hostEnd < end && bytes[hostEnd] !== 0x5d) hostEnd++;
    if (hostEnd === end) return false;
    port = hostEnd + 1;
    if (port < end && bytes[port++] !== COLON) return false;
  } else {
    let colons = 0;
    for (let at = start; at < end; at++) {
      if (bytes[at] !== COLON) continue;
      if (++colons === 1) hostEnd = at;
    }
    if (colons === 1) port = hostEnd + 1;
    else hostEnd = end;
  }
  for (let at = start; at < hostEnd; at++) if (IN_HOST[bytes[at]!] === 0) return false;
  into.hostStart = start;
  into.hostEnd = hostEnd;
  into.portStart = port;
  into.portEnd = end;
  return hostEnd > start && isPort(bytes, port, end);
}

/** Whether it is a port, or nothing. */
function isPort(bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return true;
  const isNumber = end - start <= MAX_PORT_DIGITS && digitsEnd(bytes, start, end) === end;
  return isNumber && digitsValue(bytes, start, end) <= MAX_PORT;
}

import { RecordType, VERSION } from './record.ts';

const HEADER_BYTES = 8;
const ROLE_RESPONDER = 1;
const REQUEST_ID = 1;

/** A request of FastCGI without a body, after which the connection is closed. Values are at most 64 KiB together. */
export function fastCgiRequest(params: Iterable<readonly [name: string, value: string]>): Buffer {
  const begin = Buffer.alloc(8);
  begin.writeUInt16BE(ROLE_RESPONDER, 0);
  const pairs = Buffer.concat(Array.from(params, ([name, value]) => pairOf(Buffer.from(name), Buffer.from(value))));
  const nothing = Buffer.alloc(0);
  return Buffer.concat([
    recordOf(RecordType.BeginRequest, begin),
    recordOf(RecordType.Params, pairs),
    recordOf(RecordType.Params, nothing),
    recordOf(RecordType.Stdin, nothing),
  ]);
}

function recordOf(type: number, content: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(VERSION, 0);
  header.writeUInt8(type, 1);
  header.writeUInt16BE(REQUEST_ID, 2);
  header.writeUInt16BE(content.length, 4);
  return Buffer.concat([header, content]);
}

function pairOf(name: Buffer, value: Buffer): Buffer {
  return Buffer.concat([lengthOf(name), lengthOf(value), name, value]);
}

/** One byte, or four of which the first bit is set. */
function lengthOf({ length }: Buffer): Buffer {
  if (length < 128) return Buffer.of(length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length + 2 ** 31);
  return bytes;
}

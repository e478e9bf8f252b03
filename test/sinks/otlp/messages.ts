/** A field of protobuf with bytes in it, shorter than 128. */
function field(number: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), value]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

/** An ExportLogsServiceResponse with a partial success. */
export function protobufSuccess(rejectedRecords: number, message: string): Buffer {
  const rejected = Buffer.concat([Buffer.from([8]), varint(BigInt(rejectedRecords))]);
  return field(1, Buffer.concat([rejected, field(2, Buffer.from(message))]));
}

/** A google.rpc.Status. */
export function protobufStatus(message: string): Buffer {
  return Buffer.concat([Buffer.from([8, 3]), field(2, Buffer.from(message))]);
}

const LF = 0x0a;

/** The lines of a stream of bytes, decoded. Throws when one is longer than `maxBytes`; the end may lack its line feed. */
export async function* linesOf(parts: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const part of parts) {
    let start = 0;
    for (let end = part.indexOf(LF); end !== -1; end = part.indexOf(LF, start)) {
      held.push(part.subarray(start, end));
      yield Buffer.concat(held).toString();
      held = [];
      heldBytes = 0;
      start = end + 1;
    }
    held.push(part.subarray(start));
    heldBytes += part.length - start;
    if (heldBytes > maxBytes) throw new RangeError(`a line is longer than ${maxBytes} bytes`);
  }
  if (heldBytes > 0) yield Buffer.concat(held).toString();
}

/** How far an offset is shifted to become the number of its block. */
export const BLOCK_BITS = 5;
/** How many bytes make a block. */
export const BLOCK_BYTES = 1 << BLOCK_BITS;

/**
 * Which blocks of an arena may hold something sensitive, one bit a detector. It is filled in one quick pass over all
 * bytes, and asked for each span: a span without a mark is clean, whatever records and stages made of the bytes.
 *
 * ```
 *  bytes  …"user":"ann","mail":"ann@example.com","card":"4111 1111 1111 1111"…
 *  marks  [ 0                | email            | credit_card       | 0    …
 * ```
 */
export class SuspectBlocks {
  /** The bits of each block, for loops that look at a span in one or two blocks by themselves. */
  marks = new Uint8Array(8192);
  #hasAny = false;

  /** Forgets all marks, for an arena of `byteLength` bytes. */
  reset(byteLength: number): void {
    const blocks = (byteLength >> BLOCK_BITS) + 1;
    if (blocks > this.marks.length) this.marks = new Uint8Array(2 * blocks);
    else if (this.#hasAny) this.marks.fill(0);
    this.#hasAny = false;
  }

  /** Whether anything is marked. */
  get hasAny(): boolean {
    return this.#hasAny;
  }

  /** Marks the blocks of [start, end), which holds at least one byte. */
  mark(start: number, end: number, bit: number): void {
    this.#hasAny = true;
    const last = (end - 1) >> BLOCK_BITS;
    for (let block = start >> BLOCK_BITS; block <= last; block++) this.marks[block]! |= bit;
  }

  /** Marks the blocks that hold `byte`, at the speed of memchr. */
  markByte(bytes: Buffer, end: number, byte: number, bit: number): void {
    const used = bytes.subarray(0, end);
    for (let at = used.indexOf(byte); at >= 0; ) {
      this.mark(at, at + 1, bit);
      // The rest of the block needs no second look.
      at = used.indexOf(byte, (at | (BLOCK_BYTES - 1)) + 1);
    }
  }

  /** The bits of all blocks that [start, end) touches. */
  of(start: number, end: number): number {
    const marks = this.marks;
    const last = (end - 1) >> BLOCK_BITS;
    let bits = 0;
    for (let block = start >> BLOCK_BITS; block <= last; block++) bits |= marks[block]!;
    return bits;
  }
}

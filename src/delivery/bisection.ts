/** The records [from, to) of a request, which go out as one body. */
export interface Part {
  readonly from: number;
  readonly to: number;
  /** Whether an earlier request with these records may have reached the peer, although its answer is not known. */
  readonly mayHaveArrived: boolean;
}

/** How many poison records of one request are found at least. */
const POISON_RECORDS = 8;

/**
 * Finds what a peer will not take in a request, by halves.
 *
 * ```
 *  [0 ........ 8)  refused
 *  [0 .. 4)  [4 .. 8)      taken, refused
 *            [4,6) [6,8)   refused, taken
 *           [4,5) [5,6)    refused: this is the one; taken
 * ```
 * One poison record among n costs 2⌈log₂ n⌉ further requests. A peer that refuses everything would cost 2n, so a
 * request may be halved only so often for bad data; after that its parts, at most ⌈log₂ n⌉, are sent whole, and what of
 * them is refused is rejected whole.
 */
export class Bisection {
  #halvingsLeft: number;

  /** For a request of that many records. */
  constructor(records: number) {
    this.#halvingsLeft = POISON_RECORDS * Math.ceil(Math.log2(records));
  }

  /** Whether bad data in `part` is still worth looking for; counts as one halving. */
  mayLookInto(part: Part): boolean {
    return part.to - part.from > 1 && this.#halvingsLeft-- > 0;
  }
}

/** The two halves of a part with more than one record, the first one last: parts are a stack. */
export function halvesOf({ from, to }: Part, mayHaveArrived: boolean): Part[] {
  const middle = from + ((to - from) >> 1);
  return [
    { from: middle, to, mayHaveArrived },
    { from, to: middle, mayHaveArrived },
  ];
}

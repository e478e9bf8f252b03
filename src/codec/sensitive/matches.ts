/** What an index in a list of matches is multiplied with in a sort key: room for 8 million matches. */
const INDEX_RANGE = 2 ** 23;

/** Spans of one text that are to be hidden, each with the number of the detector that found it. */
export class Matches {
  count = 0;
  starts = new Uint32Array(64);
  ends = new Uint32Array(64);
  detectors = new Uint8Array(64);
  /** The detector that looks now. */
  detector = 0;
  /** Whether a name that stands for a secret belongs to the text: `aws_secret_access_key`. */
  isNamedSecret = false;

  /** Adds [start, end), found by `detector`. */
  add(start: number, end: number): void {
    if (this.count === this.starts.length) this.#grow();
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.detectors[this.count++] = this.detector;
  }

  /** Sorts the spans and makes one of those that overlap, named by the one that starts first. O(n log n). */
  settle(): void {
    if (this.count < 2) return;
    if (!this.#isSorted()) this.#sort();
    let last = 0;
    for (let i = 1; i < this.count; i++) {
      if (this.starts[i]! < this.ends[last]!) {
        if (this.ends[i]! > this.ends[last]!) this.ends[last] = this.ends[i]!;
        continue;
      }
      last++;
      this.starts[last] = this.starts[i]!;
      this.ends[last] = this.ends[i]!;
      this.detectors[last] = this.detectors[i]!;
    }
    this.count = last + 1;
  }

  #isSorted(): boolean {
    for (let i = 1; i < this.count; i++) if (this.starts[i]! < this.starts[i - 1]!) return false;
    return true;
  }

  #sort(): void {
    const keys = Float64Array.from(this.starts.subarray(0, this.count), (start, i) => start * INDEX_RANGE + i).sort();
    const [starts, ends, detectors] = [this.starts.slice(), this.ends.slice(), this.detectors.slice()];
    for (const [i, key] of keys.entries()) {
      const from = key % INDEX_RANGE;
      this.starts[i] = starts[from]!;
      this.ends[i] = ends[from]!;
      this.detectors[i] = detectors[from]!;
    }
  }

  #grow(): void {
    const [{ starts, ends, detectors }, length] = [this, 2 * this.starts.length];
    this.starts = new Uint32Array(length);
    this.starts.set(starts);
    this.ends = new Uint32Array(length);
    this.ends.set(ends);
    this.detectors = new Uint8Array(length);
    this.detectors.set(detectors);
  }
}

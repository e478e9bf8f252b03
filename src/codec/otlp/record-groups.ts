import type { Resource } from '../../core/resource.ts';

/** The records of one resource in a request. */
export interface RecordGroup {
  readonly resource: Resource;
  /** Bytes of its records together. */
  byteLength: number;
  /** Where they lie: start and end of each run of bytes, two elements a run. */
  readonly spans: number[];
}

/**
 * Knows where each encoded record of a request lies, one behind the other, and which resource it belongs to, so that any
 * run of records can be written with each resource once.
 *
 * ```
 *  records   [ a0 | a1 | b0 | a2 | c0 ]      in order of arrival, a b c: resources
 *  #ends       ^7   ^15  ^20  ^31  ^40
 *  groups(0, 5)  ->  a: [0, 15, 20, 31]   b: [15, 20]   c: [31, 40]
 * ```
 */
export class RecordGroups {
  /** Records held. */
  count = 0;
  /** Where the first record starts. */
  #start = 0;
  #ends = new Uint32Array(1024);
  /** For each record the index of its resource in `#resources`. */
  #resourceOf = new Uint32Array(1024);
  readonly #resources: Resource[] = [];
  readonly #indices = new Map<Resource, number>();
  /** For each resource the record that brought it. */
  readonly #firstRecord: number[] = [];
  /** The resource of the last record, and its index in `#resources`. */
  #lastResource: Resource | undefined;
  #lastIndex = 0;

  /** Where the first record starts. */
  get start(): number {
    return this.#start;
  }

  /** The resource that all records have; undefined: they have several, or there are none. */
  get onlyResource(): Resource | undefined {
    return this.#resources.length === 1 ? this.#resources[0] : undefined;
  }

  /** Where record `record` ends; -1: where the first one starts. */
  endOf(record: number): number {
    return record < 0 ? this.#start : this.#ends[record]!;
  }

  /** Where the last record ends. */
  get end(): number {
    return this.endOf(this.count - 1);
  }

  /** Adds a record of `resource` that lies from the end of the last one to `end`. True: the resource is new in this request. */
  add(resource: Resource, end: number): boolean {
    if (this.count === this.#ends.length) this.#grow();
    const record = this.count++;
    this.#ends[record] = end;
    const isNew = resource !== this.#lastResource && this.#turnTo(resource, record);
    this.#resourceOf[record] = this.#lastIndex;
    return isNew;
  }

  /** Goes on with another resource; true: it is new. A method of its own, as it runs once a request and `add()` always. */
  #turnTo(resource: Resource, record: number): boolean {
    this.#lastResource = resource;
    const index = this.#indices.get(resource);
    if (index !== undefined) {
      this.#lastIndex = index;
      return false;
    }
    this.#lastIndex = this.#resources.push(resource) - 1;
    this.#indices.set(resource, this.#lastIndex);
    this.#firstRecord.push(record);
    return true;
  }

  /** Takes the last record out; returns its resource when no other record has it. */
  undo(): Resource | undefined {
    const record = --this.count;
    this.#lastResource = undefined;
    if (this.#firstRecord.at(-1) !== record) return undefined;
    this.#firstRecord.pop();
    const resource = this.#resources.pop()!;
    this.#indices.delete(resource);
    return resource;
  }

  /** Forgets all records; the next one starts at `start`. */
  clear(start = 0): void {
    this.#start = start;
    this.count = 0;
    this.#lastResource = undefined;
    this.#resources.length = 0;
    this.#indices.clear();
    this.#firstRecord.length = 0;
  }

  /** The records [from, to) by resource; resources and the records of each in order of arrival. O(to - from). */
  groups(from: number, to: number): RecordGroup[] {
    const groups: RecordGroup[] = [];
    const groupOf: (RecordGroup | undefined)[] = [];
    let start = this.endOf(from - 1);
    for (let record = from; record < to; record++) {
      const end = this.#ends[record]!;
      const index = this.#resourceOf[record]!;
      let group = groupOf[index];
      if (group === undefined) {
        group = { resource: this.#resources[index]!, byteLength: 0, spans: [] };
        groupOf[index] = group;
        groups.push(group);
      }
      group.byteLength += end - start;
      if (group.spans.at(-1) === start) group.spans[group.spans.length - 1] = end;
      else group.spans.push(start, end);
      start = end;
    }
    return groups;
  }

  #grow(): void {
    const ends = new Uint32Array(2 * this.#ends.length);
    ends.set(this.#ends);
    this.#ends = ends;
    const resourceOf = new Uint32Array(2 * this.#resourceOf.length);
    resourceOf.set(this.#resourceOf);
    this.#resourceOf = resourceOf;
  }
}

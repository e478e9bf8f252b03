const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** English names of months or days, found in bytes by their first three letters. */
export class TimeNames {
  readonly #names: readonly Buffer[];
  readonly #firstThree: Int32Array;

  constructor(names: readonly string[]) {
    this.#names = names.map((name) => Buffer.from(name));
    this.#firstThree = Int32Array.from(this.#names, (name) => firstThree(name, 0));
  }

  /** The position of the name that starts at `at`, in any case, short or in full; -1: there is none. */
  indexAt(bytes: Uint8Array, at: number, end: number): number {
    if (at + 3 > end) return -1;
    const wanted = firstThree(bytes, at);
    const known = this.#firstThree;
    let index = known.length - 1;
    while (index >= 0 && known[index] !== wanted) index--;
    return index;
  }

  /** Where the name found at `at` ends: behind all its letters, or behind the first three. */
  endOf(index: number, bytes: Uint8Array, at: number, end: number): number {
    const name = this.#names[index]!;
    if (at + name.length > end) return at + 3;
    for (let i = 3; i < name.length; i++) if ((bytes[at + i]! | 0x20) !== name[i]) return at + 3;
    return at + name.length;
  }
}

/** `January`, `Feb`, ... */
export const MONTH_NAMES = new TimeNames(MONTHS);
/** `Sunday`, `Mon`, ... */
export const WEEKDAY_NAMES = new TimeNames(WEEKDAYS);

/** Three letters as one number; setting bit 5 makes letters small, and makes no letter of anything else. */
function firstThree(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! | 0x20) << 16) | ((bytes[at + 1]! | 0x20) << 8) | (bytes[at + 2]! | 0x20);
}

/** More kinds of series than an application has; beyond, they are made anew. */
const MAX_SHAPES = 1000;

/** What is made of the names of label sets: once for all sets with the same names. */
export class NameShapes<Made> {
  readonly #make: (names: readonly string[]) => Made;
  readonly #made = new Map<string, Made>();
  #last: { readonly names: readonly string[]; readonly made: Made } | undefined;

  constructor(make: (names: readonly string[]) => Made) {
    this.#make = make;
  }

  of(names: readonly string[]): Made {
    let last = this.#last;
    if (last === undefined || !isSame(last.names, names)) this.#last = last = { names, made: this.#find(names) };
    return last.made;
  }

  #find(names: readonly string[]): Made {
    const key = JSON.stringify(names);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = this.#make(names);
    if (this.#made.size >= MAX_SHAPES) this.#made.clear();
    this.#made.set(key, made);
    return made;
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

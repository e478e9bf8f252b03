import { Resource, type ResourceValue } from '../core/resource.ts';
import { identityOf } from '../core/resource-identity.ts';

/** A number of a resource, and how often that number had been another one's before. */
interface Numbered {
  readonly number: number;
  readonly life: number;
}

/** The resources that something was counted of, by number. A number that nobody needs any more is given again. */
export class ResourceTable {
  readonly #resources: (Resource | undefined)[] = [];
  /** By number: how often it was let go. */
  readonly #lives: number[] = [];
  readonly #free: number[] = [];
  readonly #numbers = new WeakMap<Resource, Numbered>();
  readonly #byIdentity = new Map<string, number>();
  #last: Resource | undefined;
  #lastNumber = 0;

  /** The numbers are 0 to `count - 1`. */
  get count(): number {
    return this.#resources.length;
  }

  /** The number of a resource; one that is the same as another but for what describes it has that one's. */
  numberOf(resource: Resource): number {
    if (resource === this.#last) return this.#lastNumber;
    const known = this.#numbers.get(resource);
    const number = known !== undefined && known.life === this.#lives[known.number] ? known.number : this.#add(resource);
    this.#last = resource;
    this.#lastNumber = number;
    return number;
  }

  /** The resource of a number, as it was described last; undefined: the number is nobody's. */
  resource(number: number): Resource | undefined {
    return this.#resources[number];
  }

  /** Lets go all numbers but those that `isUsed`. O(numbers). */
  keepOnly(isUsed: (number: number) => boolean): void {
    for (const [number, resource] of this.#resources.entries()) {
      if (resource === undefined || isUsed(number)) continue;
      this.#byIdentity.delete(identityOf(resource));
      this.#resources[number] = undefined;
      this.#lives[number]!++;
      this.#free.push(number);
    }
    this.#last = undefined;
  }

  #add(resource: Resource): number {
    const identity = identityOf(resource);
    const number = this.#byIdentity.get(identity) ?? this.#free.pop() ?? this.#resources.length;
    this.#resources[number] = resource;
    const life = (this.#lives[number] ??= 0);
    this.#byIdentity.set(identity, number);
    this.#numbers.set(resource, { number, life });
    return number;
  }
}

/** Reads what `sortedAttributes()` gave; whatever is none is left out. */
export function parseResource(stored: unknown): Resource {
  const pairs = Array.isArray(stored) ? (stored as unknown[]) : [];
  return new Resource(pairs.filter(isPair));
}

function isPair(pair: unknown): pair is [string, ResourceValue] {
  if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') return false;
  const value: unknown = pair[1];
  return Array.isArray(value)
    ? value.every((item) => typeof item === 'string')
    : ['string', 'number', 'boolean'].includes(typeof value);
}

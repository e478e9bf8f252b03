import { Resource, type ResourceValue } from '../core/resource.ts';
import { identityOf } from '../core/resource-identity.ts';

/** The resources that something was counted of, by number. */
export class ResourceTable {
  readonly #resources: Resource[] = [];
  readonly #numbers = new WeakMap<Resource, number>();
  readonly #byIdentity = new Map<string, number>();
  #last: Resource | undefined;
  #lastNumber = 0;

  /** How many there are; their numbers are 0 to `count - 1`. */
  get count(): number {
    return this.#resources.length;
  }

  /** The number of a resource; one that is the same as another but for what describes it has that one's. */
  numberOf(resource: Resource): number {
    if (resource === this.#last) return this.#lastNumber;
    const number = this.#numbers.get(resource) ?? this.#add(resource);
    this.#last = resource;
    this.#lastNumber = number;
    return number;
  }

  /** The resource of a number, as it was described last. */
  resource(number: number): Resource {
    return this.#resources[number]!;
  }

  #add(resource: Resource): number {
    const identity = identityOf(resource);
    const number = this.#byIdentity.get(identity) ?? this.#resources.length;
    this.#resources[number] = resource;
    this.#byIdentity.set(identity, number);
    this.#numbers.set(resource, number);
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

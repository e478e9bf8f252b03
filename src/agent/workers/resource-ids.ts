import type { Resource, ResourceValue } from '../../core/resource.ts';
import type { WorkerLink } from './worker-link.ts';

/** Tells workers of resources, once each, and to forget those that nobody has any more. */
export class ResourceIds {
  readonly #ids = new WeakMap<Resource, number>();
  readonly #gone: FinalizationRegistry<number>;
  #last = 0;

  constructor(links: readonly WorkerLink[]) {
    this.#gone = new FinalizationRegistry((resource) => {
      for (const link of links) {
        if (link.resourcesTold.delete(resource)) link.post({ kind: 'forget_resource', resource });
      }
    });
  }

  /** The number of a resource, with its attributes where that worker does not know it. */
  tell(
    resource: Resource,
    link: WorkerLink,
  ): { readonly resource: number; readonly attributes?: readonly (readonly [string, ResourceValue])[] } {
    let id = this.#ids.get(resource);
    if (id === undefined) {
      id = ++this.#last;
      this.#ids.set(resource, id);
      this.#gone.register(resource, id);
    }
    if (link.resourcesTold.has(id)) return { resource: id };
    link.resourcesTold.add(id);
    return { resource: id, attributes: [...resource.attributes] };
  }
}

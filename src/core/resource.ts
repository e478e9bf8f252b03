/** A value of an attribute that is known before any record is read. Integers are encoded as int64. */
export type AttributeValue = string | number | boolean;

/** A value of an attribute of a resource. */
export type ResourceValue = AttributeValue | readonly string[];

/**
 * What the records come from, as OpenTelemetry has it: `service.name` and its like. Immutable; two records have the
 * same resource when they have the same object, so equal resources should be one object.
 */
export class Resource {
  readonly attributes: ReadonlyMap<string, ResourceValue>;

  constructor(attributes: Iterable<readonly [string, ResourceValue]> = []) {
    this.attributes = new Map(attributes);
  }

  /** A resource with the attributes of both; `other` wins where both have one. */
  merge(other: Resource): Resource {
    return new Resource([...this.attributes, ...other.attributes]);
  }
}

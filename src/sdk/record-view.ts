import type { ResourceValue } from '../core/resource.ts';

/** A value that a stage may give to an attribute. */
export type SettableValue = string | number | bigint | boolean;

/**
 * One record, as a stage of your own sees it. There is one view for all records: it is valid during the call that it
 * was given to, and shows another record, or throws, after it. Take out of it what you want to keep.
 *
 * Reading makes a string of the bytes each time it is asked, so read an attribute once.
 */
export interface RecordView {
  /**
   * An attribute as text, whatever its type: a number by its digits, an object or a list as JSON. Undefined: the record
   * does not have it, or it has no value (`null`).
   */
  string(key: string): string | undefined;
  /**
   * An attribute as a number: also text that is a JSON number. Whole numbers beyond 2^53 are rounded: see `bigint()`.
   * Undefined: the record does not have it, or it is no number.
   */
  number(key: string): number | undefined;
  /** An attribute that is a whole number of at most 19 digits, exact; also text that is one. Undefined: there is none. */
  bigint(key: string): bigint | undefined;
  /** An attribute that is true or false; also the texts `true` and `false`. Undefined: there is none. */
  boolean(key: string): boolean | undefined;
  /** Whether the record has the attribute, with a value or without. */
  has(key: string): boolean;
  /**
   * Adds an attribute, or replaces its value. Throws a RangeError for a number that is not finite and for a bigint
   * beyond 64 bits.
   */
  set(key: string, value: SettableValue): void;
  /** Removes an attribute and returns whether it was there. */
  remove(key: string): boolean;
  /** The names of the attributes, in their order. */
  keys(): string[];
  /** The body as text, like `string()`; `''`: it has none. Setting it makes it text. */
  body: string;
  /** OTLP's number, 1 to 24; 0: unknown. Throws a RangeError for another. */
  severityNumber: number;
  /** The severity as the source wrote it; `''`: unknown. */
  severityText: string;
  /** Unix time in nanoseconds; 0n: unknown. Throws a RangeError for what 64 bits without a sign cannot hold. */
  timeUnixNano: bigint;
  /** An attribute of the resource that the record comes from. */
  resource(key: string): ResourceValue | undefined;
  /**
   * Removes the record once the call returns. It is counted as filtered, with `reason`, in snake_case, as its cause:
   * name a few, never a value of the record. Without one it is the type of the stage.
   */
  drop(reason?: string): void;
}

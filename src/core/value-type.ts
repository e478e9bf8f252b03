/**
 * What a span of bytes in a batch means, for attribute values and for the body. A value read from input stays text
 * until it is encoded, so that a 64-bit id or a decimal loses nothing on the way.
 */
export const ValueType = {
  /** No value (OTLP: an AnyValue without a case). The span is empty. */
  Empty: 0,
  /** Valid UTF-8, without quotes and escapes. */
  String: 1,
  /** A decimal integer that fits into a signed 64-bit one: `-?[0-9]+`. */
  Int: 2,
  /** A decimal number in JSON's grammar that is no `Int`. */
  Double: 3,
  /** The span is the word `true`, or `false`, whatever the input called it. */
  True: 4,
  False: 5,
  /** One valid JSON object or array, as it stood in the input: an OTLP kvlist or array once encoded. */
  Json: 6,
  /**
   * A list of one text, as attributes for headers are: the span is the text, as of a `String`, and it is an OTLP array
   * once encoded. Made a text (`cast`, `join`), it is that text.
   */
  TextList: 7,
} as const;

export type ValueType = (typeof ValueType)[keyof typeof ValueType];

/** What a span says beside its name. Few values, none of them out of a record. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Something that the agent does and that takes time. */
export interface Span {
  /** Says how it ended, once. `error`: a word for what failed (`error.type`), or the name of a class of errors. */
  end(attributes: SpanAttributes, error?: string): void;
}

/** Tells somebody what the agent itself does, as spans. Parts get it as an argument; where there is none, nobody asks. */
export interface Tracer {
  /** `client`: a request to somebody else. */
  start(name: string, kind: 'client' | 'internal', attributes: SpanAttributes): Span;
  /** Hands over what has ended, waits for that a short while at most, and ends. Never rejects. */
  close(): Promise<void>;
}

import type { IncomingHttpHeaders } from 'node:http';

/** What came of one HTTP request. Handle it to exhaustion. */
export type HttpAnswer =
  /** A status came. `isWhole` is false when the body was cut off or cannot be decompressed; then `body` is empty. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: Buffer;
      readonly isWhole: boolean;
    }
  /** A status came, with a body that is larger than the client takes. */
  | { readonly kind: 'response_too_large'; readonly status: number }
  /** No status came. */
  | { readonly kind: 'no_answer'; readonly error: ConnectionError };

/** Why there is no answer. */
export type ConnectionFailure =
  | 'refused'
  /** There was no way to the host, or no connection in time. */
  | 'unreachable'
  /** The name has no address, or none came in time. */
  | 'dns'
  /** There is no secure connection, or none came in time. */
  | 'tls'
  /** What goes with the request, so that the peer lets it in, cannot be had. */
  | 'credentials'
  /** The proxy on the way does not lead to the host. */
  | 'proxy'
  /** There was a connection, and no answer in time. */
  | 'timeout'
  | 'reset'
  /** The peer closed an idle connection in the moment in which it was used. */
  | 'stale'
  /** What came is not HTTP. */
  | 'protocol'
  /** This machine has no handles, ports or memory left. */
  | 'local'
  /** The caller's signal. */
  | 'aborted';

/** There was no answer. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly failure: ConnectionFailure;
  /** Whether the peer may have taken the request all the same. False: not all of it was sent. */
  readonly mayHaveArrived: boolean;

  constructor(error: { failure: ConnectionFailure; message: string; mayHaveArrived: boolean }) {
    super(error.message);
    this.failure = error.failure;
    this.mayHaveArrived = error.mayHaveArrived;
  }
}

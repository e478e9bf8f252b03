import type { Resource } from './resource.ts';

/** Where records come from, one after another: a file through all its names, or standard input. */
export interface Stream {
  /** Stable for the life of the stream, and unique in the agent. */
  readonly id: string;
  /** What people call it: the path at reading time, or `stdin`. Valid Unicode, may hold control characters. */
  readonly name: string;
  readonly resource: Resource;
}

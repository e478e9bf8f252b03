import type { Resource } from './resource.ts';

/** Where records come from, one after another: a file through all its names, or standard input. */
export interface Stream {
  /**
   * The same after every restart, and hardly anywhere given twice; another one after each truncation, since an offset
   * means something only between two of them.
   */
  readonly id: string;
  /** What people call it: the path at reading time, or `stdin`. Valid Unicode, may hold control characters. */
  readonly name: string;
  readonly resource: Resource;
  /** The pipeline that whoever writes it asks for; undefined: it takes all that are not asked for. */
  readonly pipeline?: string;
  /**
   * What it has in common with the streams before and behind it whose records are to be delivered in the order in which
   * they are read, such as the first name of a file through its rotations; left out: it stands alone.
   */
  readonly sequence?: string;
}

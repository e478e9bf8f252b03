import type { WriteVersion } from '../../codec/remote-write/write-body.ts';

/** What may be configured. */
export const PROTOCOLS = ['auto', 'v1', 'v2'] as const;

/** Which version of remote write the receiver gets. */
export class WriteVersions {
  #current: WriteVersion;
  #mayFallBack: boolean;

  constructor(protocol: (typeof PROTOCOLS)[number]) {
    this.#current = protocol === 'v1' ? 'v1' : 'v2';
    this.#mayFallBack = protocol === 'auto';
  }

  get current(): WriteVersion {
    return this.#current;
  }

  /** Whether 1.0 may be tried; not once the receiver has shown that it knows 2.0. */
  get mayFallBack(): boolean {
    return this.#mayFallBack;
  }

  /** The receiver has taken a message of 2.0: it is not asked again. */
  confirm(): void {
    this.#mayFallBack = false;
  }

  /** The receiver does not know 2.0. Nothing but a restart tries it again. */
  fallBack(): void {
    this.#current = 'v1';
    this.#mayFallBack = false;
  }
}

/** What the processes of the demo say to each other over IPC. */

/** From the demo to the application. */
export type ApplicationOrder = { readonly kind: 'report' } | { readonly kind: 'stop' };

/** From the application to the demo. `report` answers a report, `stopped` is its last word. */
export type ApplicationMessage =
  | { readonly kind: 'first_line'; readonly text: string }
  | { readonly kind: 'report' | 'stopped'; readonly written: Written };

/** What the application has written since its start. */
export interface Written {
  readonly lines: number;
  readonly bytes: number;
  readonly rotations: number;
}

/** From the demo to the backend. `guard`: what to end and remove when the demo itself is killed. */
export type BackendOrder =
  | { readonly kind: 'report' }
  | { readonly kind: 'guard'; readonly agentPid: number; readonly folder: string };

/** From the backend to the demo. */
export type BackendMessage =
  | { readonly kind: 'listening'; readonly endpoint: string }
  | { readonly kind: 'sample'; readonly text: string }
  | { readonly kind: 'report'; readonly received: Received };

/** What the backend has received since its start. */
export interface Received {
  /** Lines of the application, each counted once. */
  readonly distinct: number;
  /** Records of a line that was there before. */
  readonly repeats: number;
  /** Records that are no line of the application, or that the agent could not read. */
  readonly foreign: number;
  readonly requests: number;
  /** Request bodies as they came over the wire. */
  readonly bytes: number;
  /** How old the oldest record of the last request was when it arrived. */
  readonly delayMs: number;
}

import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { Received, Written } from './messages.ts';

type Colour = 'bold' | 'cyan' | 'dim' | 'green' | 'magenta' | 'red' | 'yellow';

/** A process of the demo, as the header introduces it. */
export interface Actor {
  readonly name: 'application' | 'agent' | 'backend';
  readonly pid: number;
  readonly does: string;
}

const ACTOR_COLOURS: Record<Actor['name'], Colour> = { application: 'yellow', agent: 'cyan', backend: 'magenta' };

/** Says what the demo does. Colours appear on a terminal only, and never with `NO_COLOR`. */
export class Narrator {
  readonly #out: Writable;
  #hasStatus = false;

  constructor(out: Writable) {
    this.#out = out;
  }

  introduce(actors: readonly Actor[], ends: string): void {
    this.say(`${this.#styled('bold', 'Pillion demo: three processes on this machine.')} ${ends}\n`);
    for (const { name, pid, does } of actors) this.say(`  ${this.#actor(name)} ${`pid ${pid}`.padEnd(11)} ${does}`);
    this.say('');
  }

  /** A line of the log or a record of the backend, as an example. */
  example(name: Actor['name'], verb: string, text: string): void {
    this.say(`${this.#actor(name)} ${verb.padEnd(5)} ${this.#styled('dim', text)}`);
  }

  status(elapsedMs: number, written: Written, received: Received): void {
    if (!this.#hasStatus) this.say(`\n${this.#styled('dim', ' time     written   delivered   lag')}`);
    this.#hasStatus = true;
    const seconds = Math.round(elapsedMs / 1000);
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    const lag = `${count(written.lines - received.distinct)} lines, ${(received.delayMs / 1000).toFixed(1)} s`;
    const rotations = written.rotations === 0 ? '' : `rotated ${written.rotations} ×`;
    this.say(
      `${clock.padStart(5)} ${count(written.lines).padStart(11)} ${count(received.distinct).padStart(11)}   ${lag.padEnd(18)} ${rotations}`.trimEnd(),
    );
  }

  /** The sums, with what the agent said of its own, and whether they agree. */
  sums(written: Written, received: Received, agentSaid: string): boolean {
    const { distinct, repeats, foreign, requests } = received;
    const agree = written.lines === distinct && repeats === 0 && foreign === 0;
    this.say('');
    const files = written.rotations === 0 ? '1 file' : `${written.rotations + 1} files`;
    this.say(`  ${this.#actor('application')} wrote ${count(written.lines)} lines to ${files}`);
    this.say(`  ${this.#actor('agent')} said: ${agentSaid}`);
    this.say(
      `  ${this.#actor('backend')} got ${count(distinct)} of the lines in ${count(requests)} requests, ` +
        `${count(repeats)} of them again, and ${count(foreign)} other records`,
    );
    if (agree) this.say(`\n${this.#styled('green', 'The sums agree: nothing was lost, and nothing came twice.')}`);
    else this.problem('The sums do not agree.');
    return agree;
  }

  problem(text: string): void {
    this.say(`\n${this.#styled('red', text)}`);
  }

  say(line: string): void {
    this.#out.write(`${line}\n`);
  }

  #actor(name: Actor['name']): string {
    return this.#styled(ACTOR_COLOURS[name], name.padEnd(11));
  }

  #styled(colour: Colour, text: string): string {
    return styleText(colour, text, { stream: this.#out });
  }
}

function count(number: number): string {
  return number.toLocaleString('en');
}

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Runs a command as the first process of a container would run: with the number 1, in a namespace of its own. */
export const IN_A_NAMESPACE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Why no namespace can be made here, as the reason to skip a test; false: one can. */
export function whyNoNamespace(): string | false {
  const [command = '', ...args] = [...IN_A_NAMESPACE, 'true'];
  return spawnSync(command, args).status === 0 ? false : 'platform: nobody may make a namespace of processes here';
}

/** The process that runs with the number 1 in the namespace that `unshare` made, as it is seen from outside. */
export function firstProcessIn(unsharePid: number): number | undefined {
  const children = readFileSync(`/proc/${unsharePid}/task/${unsharePid}/children`, 'utf8');
  return children === '' ? undefined : Number.parseInt(children, 10);
}

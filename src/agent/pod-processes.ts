import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

/** Whether another process of that name runs in the pod, by the name of its program or of its command. */
export async function hasProcess(name: string): Promise<boolean> {
  const entries = await readdir('/proc').catch(() => []);
  for (const pid of entries) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) continue;
    // Processes end while they are looked at.
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command === '') continue;
    const [program = ''] = command.split('\0');
    if (basename(program) === name) return true;
    const short = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (short.trimEnd() === name) return true;
  }
  return false;
}

/**
 * What tells the processes that can be seen here from those of any other time and place: the boot of the machine, the
 * number of the namespace, and when its first process began. A container that is started anew in its pod finds the same
 * where the pod shares its processes. Undefined where the system does not say.
 */
export async function processNamespace(): Promise<string | undefined> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const stat = await readFile('/proc/1/stat', 'utf8');
    // The name in brackets may hold anything; the fields behind it are numbers, the 20th of them is the start.
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${boot.trim()} ${await readlink('/proc/self/ns/pid')} ${start}`;
  } catch {
    return undefined;
  }
}

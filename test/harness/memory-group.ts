import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { until } from './files.ts';

/** Where control groups that limit memory can be made, and what the limit is called there. */
const PLACES = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max' },
];

let made = 0;

/**
 * Makes a control group whose processes may take `limitBytes` of memory together: the command that runs another one in
 * it. Undefined: nobody may make one here. It is removed after the test, when its processes have ended.
 */
export function memoryGroup(t: TestContext, limitBytes: number): readonly string[] | undefined {
  for (const { root, limit } of PLACES) {
    const folder = join(root, `pillion-test-${process.pid}-${made++}`);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    if (!existsSync(join(folder, limit))) {
      rmdirSync(folder);
      continue;
    }
    t.after(async () => {
      await until('the group is empty', () => readFileSync(join(folder, 'cgroup.procs'), 'utf8') === '');
      rmdirSync(folder);
    });
    writeFileSync(join(folder, limit), String(limitBytes));
    return ['sh', '-c', `echo $$ > ${folder}/cgroup.procs && exec "$@"`, 'sh'];
  }
  return undefined;
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from './files.ts';

const HEAD = '`npm run it`: does it.\n\n    npm run it -- [--times 3]\n';

for (const { args, status, stdout, stderr } of [
  { args: [], status: 0, stdout: '3', stderr: '' },
  { args: ['--times', '4'], status: 0, stdout: '4', stderr: '' },
  { args: ['--times', '4', '--help'], status: 0, stdout: HEAD, stderr: '' },
  { args: ['--tims', '4'], status: 2, stdout: '', stderr: `Unknown option '--tims'\n\n${HEAD}` },
]) {
  test(`programOptions() of "${args.join(' ')}" ends with ${status}`, (t) => {
    const file = join(temporaryFolder(t), 'program.ts');
    const lines = HEAD.trimEnd().split('\n');
    const comment = lines.map((line) => ` * ${line}`.trimEnd()).join('\n');
    writeFileSync(
      file,
      `/**\n${comment}\n */
import { programOptions } from ${JSON.stringify(join(import.meta.dirname, 'program-options.ts'))};
const { times } = programOptions(import.meta.filename, { times: { type: 'string', default: '3' } });
process.stdout.write(times);
`,
    );
    const program = spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' });
    assert.deepEqual([program.status, program.stdout, program.stderr], [status, stdout, stderr]);
  });
}

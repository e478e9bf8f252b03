import assert from 'node:assert/strict';
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { layOutImage } from '../../tools/image.ts';
import { temporaryFolder } from '../harness/files.ts';

test('layOutImage() adds the program and the ready-made pipelines, and nothing that only a build or a test needs', (t) => {
  const dist = join(temporaryFolder(t), 'dist');
  const files = {
    'main.js': '#!/usr/bin/env node\nmain();\n',
    'main.js.map': '{}',
    'sdk.js': '',
    'types/index.d.ts': '',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    writeFileSync(join(dist, path), text);
  }
  const target = join(temporaryFolder(t), 'image');
  layOutImage(target, '/nodejs/bin/node', dist);
  const top = join(target, 'root');
  const paths = globSync('**', { cwd: top });
  assert.ok(paths.includes('opt/pillion/dist/sdk.js'));
  assert.ok(paths.includes('opt/pillion/pipelines/nginx/pipeline.yaml'));
  const unwanted = paths.filter((path) => /types|\.map$|cases/.test(path));
  assert.deepEqual(unwanted, []);
  const command = join(top, 'usr/local/bin/pillion');
  assert.equal(readFileSync(command, 'utf8'), '#!/nodejs/bin/node\nmain();\n');
  assert.equal(statSync(command).mode & 0o777, 0o755);
  assert.ok(statSync(join(target, 'state/pillion')).isDirectory());
  assert.throws(() => layOutImage(target, '/nodejs/bin/node', dist), /it is not empty/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImage, versionOfImage } from '../../src/kubernetes/image-reference.ts';

for (const [text, name, tag, digest, version] of [
  ['nginx', 'nginx', undefined, undefined, undefined],
  ['nginx:1.27', 'nginx', '1.27', undefined, '1.27'],
  ['registry:5000/team/app', 'registry:5000/team/app', undefined, undefined, undefined],
  ['registry:5000/team/app:2.0', 'registry:5000/team/app', '2.0', undefined, '2.0'],
  ['app@sha256:abc', 'app', undefined, 'sha256:abc', 'sha256:abc'],
  ['r/app:2.0@sha256:abc', 'r/app', '2.0', 'sha256:abc', '2.0@sha256:abc'],
] as const)
  test(`parseImage() takes "${text}" apart`, () => {
    const image = parseImage(text);
    assert.deepEqual(image, { name, tag, digest });
    assert.equal(versionOfImage(image), version);
  });

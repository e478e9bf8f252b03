import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OwnResource } from '../../src/agent/own-resource.ts';
import { composeResource, type ResourceLayers } from '../../src/config/resource.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { readPodInfo } from '../../src/kubernetes/downward-api.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { temporaryFolder } from '../harness/files.ts';
import { RecordingStream } from '../harness/recording-stream.ts';

const quietLogger = () => createLogger({ level: 'info', pretty: false, stream: new RecordingStream() });

const NOTHING = { labels: undefined, annotations: undefined };

/** Writes the volume as the kubelet does: a folder of its own, to which a link is moved in one step. */
function publish(folder: string, version: number, labels: string): void {
  const data = `..${version}`;
  mkdirSync(join(folder, data));
  writeFileSync(join(folder, data, 'labels'), labels);
  symlinkSync(data, join(folder, '..new'));
  renameSync(join(folder, '..new'), join(folder, '..data'));
  if (version === 1) symlinkSync('..data/labels', join(folder, 'labels'));
  else rmSync(join(folder, `..${version - 1}`), { recursive: true });
}

function layersOf(path: string): ResourceLayers {
  return {
    pod: { podName: 'web-0', namespace: 'shop' },
    podInfo: { path, labels: ['team'], annotations: [] },
    environment: new Map(),
    written: {},
  };
}

test('OwnResource becomes another one when the labels of the pod change, and stays the same object until then', async (t) => {
  const folder = temporaryFolder(t);
  publish(folder, 1, 'app.kubernetes.io/name="web"\nteam="red"');
  const resourceLayers = layersOf(folder);
  const resource = composeResource(resourceLayers, readPodInfo(folder));
  const own = new OwnResource({ resource, resourceLayers }, quietLogger());
  const clock = new FakeClock();
  const stop = new AbortController();
  const following = own.follow(clock, stop.signal);
  assert.equal(own.current.attributes.get('k8s.pod.label.team'), 'red');
  await clock.advance(60_000);
  assert.equal(own.current, resource);

  publish(folder, 2, 'app.kubernetes.io/name="web"\nteam="blue"');
  await clock.advance(30_000);
  assert.equal(own.current.attributes.get('k8s.pod.label.team'), 'blue');
  assert.equal(own.current.attributes.get('service.name'), 'web');

  rmSync(join(folder, 'labels'));
  await clock.advance(30_000);
  assert.equal(own.current.attributes.get('k8s.pod.label.team'), 'blue', 'what was known stays');
  stop.abort();
  await following;
});

test('OwnResource.follow() ends at once where the agent does not know its pod', async (t) => {
  const resourceLayers = { ...layersOf(temporaryFolder(t)), pod: undefined };
  const resource = composeResource(resourceLayers, NOTHING);
  await new OwnResource({ resource, resourceLayers }, quietLogger()).follow(
    new FakeClock(),
    new AbortController().signal,
  );
});

test('OwnResource.use() takes another configuration, and keeps the object where nothing is another', (t) => {
  const resourceLayers = layersOf(temporaryFolder(t));
  const resource = composeResource(resourceLayers, NOTHING);
  const own = new OwnResource({ resource, resourceLayers }, quietLogger());
  own.use({ resource: composeResource(resourceLayers, NOTHING), resourceLayers });
  assert.equal(own.current, resource);
  const changed = { ...resourceLayers, written: { team: 'red' } };
  own.use({ resource: composeResource(changed, NOTHING), resourceLayers: changed });
  assert.equal(own.current.attributes.get('team'), 'red');
});

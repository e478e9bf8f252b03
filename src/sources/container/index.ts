import type { SourceDefinition } from '../../component/definition.ts';
import { defaultTexts, duration, flag, type Infer, object } from '../../component/options.ts';
import { IntervalSource } from '../interval-source.ts';
import { ContainerReadings } from './container-readings.ts';

const options = object({
  interval: duration({ doc: 'How often readings are taken.', default: '15s', min: '1s' }),
  paths: defaultTexts({
    doc: 'Folders on volumes whose fill level is read, such as that of the shared `emptyDir`.',
    default: [],
    example: '[/var/log/app]',
  }),
  processes: flag({
    doc: 'Whether the processes that the agent sees are added up by container. Those of the whole pod are seen where its containers share them (`shareProcessNamespace: true`).',
    default: true,
  }),
});

type Options = Infer<typeof options>;

/** The figures of the containers beside the agent. */
export const containerSource: SourceDefinition<Options> = {
  type: 'container',
  gives: 'metrics',
  summary:
    'Reads CPU, memory, disk, network and processes of the containers of the pod, and how full volumes are, without any API.',
  options,
  build({ interval, paths, processes }, context) {
    const { name: source, clock, logger, metrics } = context;
    const failed = metrics.counter('pillion_readings_failed_total', { source });
    const said = new Set<string>();
    const readings = new ContainerReadings({
      paths,
      processes,
      proc: '/proc',
      cgroup: '/sys/fs/cgroup',
      resource: () => context.resource,
      scopeVersion: '',
      clock,
      onTrouble: (path, error) => {
        failed.add(1);
        if (said.has(path)) return;
        said.add(path);
        logger.warn({ source, path, error }, 'The fill level of a volume cannot be read.');
      },
    });
    return new IntervalSource({ read: () => readings.read(), intervalMs: interval, clock });
  },
};

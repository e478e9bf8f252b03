import type { MappedType, MetricMapping } from '../../mapping/metric-mapping.ts';

interface Parts {
  readonly scale?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly description?: string;
}

/** The application may show only some of it. */
function metric(name: string, type: MappedType, unit: string, value: string, parts: Parts = {}): MetricMapping {
  return { name, type, unit, value, optional: true, ...parts };
}

/** A metric with a series for each of some fields. */
function split(
  head: Omit<MetricMapping, 'value' | 'labels' | 'optional'>,
  label: string,
  values: Readonly<Record<string, string>>,
): MetricMapping[] {
  return Object.entries(values).map(([text, value]) => ({
    ...head,
    value,
    optional: true,
    labels: { [label]: `"${text}"` },
  }));
}

function ofSpaces(name: string, field: string, description: string): MetricMapping {
  return {
    name: `v8js.memory.heap.${name}`,
    type: 'up_down_counter',
    unit: 'By',
    description,
    each: ['space in heapSpaces'],
    value: `space.${field}`,
    labels: { 'v8js.heap.space.name': 'space.space_name' },
    optional: true,
  };
}

const DELAYS = {
  min: 'Least',
  max: 'Greatest',
  mean: 'Mean',
  stddev: 'Standard deviation of the',
  p50: 'Median of the',
  p90: '90th percentile of the',
  p99: '99th percentile of the',
};

/** By the semantic conventions for processes, Node and V8, as far as they go. */
export const NODE_MAPPINGS: readonly MetricMapping[] = [
  metric('process.uptime', 'gauge', 's', 'uptime', { description: 'How long the process has been running.' }),
  ...split(
    { name: 'process.cpu.time', type: 'counter', unit: 's', description: 'CPU time of the process.', scale: 1e-6 },
    'cpu.mode',
    { user: 'resourceUsage.userCPUTime', system: 'resourceUsage.systemCPUTime' },
  ),
  metric('process.memory.usage', 'up_down_counter', 'By', 'memoryUsage.rss', {
    description: 'Memory of the process that is in use (resident set).',
  }),
  ...split(
    { name: 'process.paging.faults', type: 'counter', unit: '{fault}', description: 'Page faults.' },
    'system.paging.fault.type',
    { major: 'resourceUsage.majorPageFault', minor: 'resourceUsage.minorPageFault' },
  ),
  ...split(
    {
      name: 'process.context_switches',
      type: 'counter',
      unit: '{context_switch}',
      description: 'Times another process got the CPU.',
    },
    'process.context_switch.type',
    {
      voluntary: 'resourceUsage.voluntaryContextSwitches',
      involuntary: 'resourceUsage.involuntaryContextSwitches',
    },
  ),
  ...split(
    {
      name: 'nodejs.eventloop.time',
      type: 'counter',
      unit: 's',
      description: 'How long the event loop was in each state.',
      scale: 0.001,
    },
    'nodejs.eventloop.state',
    { active: 'eventLoopUtilization.active', idle: 'eventLoopUtilization.idle' },
  ),
  metric('nodejs.eventloop.utilization', 'gauge', '1', 'eventLoopUtilization.utilization', {
    description: 'The part of the time in which the event loop was active.',
  }),
  ...Object.entries(DELAYS).map(([field, words]) =>
    metric(`nodejs.eventloop.delay.${field}`, 'gauge', 's', `eventLoopDelay.${field}`, {
      scale: 1e-9,
      description: `${words} delay of the event loop.`,
    }),
  ),
  ofSpaces('used', 'space_used_size', 'Memory of the heap that is in use, by space.'),
  ofSpaces('limit', 'space_size', 'Memory of the heap that V8 has, by space.'),
  ofSpaces('space.available_size', 'space_available_size', 'Memory of the heap that is free, by space.'),
  ofSpaces('space.physical_size', 'physical_space_size', 'Memory of the heap that is backed by the system, by space.'),
  metric('nodejs.memory.external', 'up_down_counter', 'By', 'memoryUsage.external', {
    description: 'Memory of objects of C++ that JavaScript holds.',
  }),
  metric('nodejs.memory.array_buffers', 'up_down_counter', 'By', 'memoryUsage.arrayBuffers', {
    description: 'Memory of buffers, which is a part of that.',
  }),
];

import { checkOptions } from '../../component/check-options.ts';
import { duration, integer, object, optionalChoice } from '../../component/options.ts';
import { OperatorError } from '../../core/errors.ts';

/** The options of `pillion demo` as they stand on the command line. */
export interface DemoArguments {
  readonly for?: string;
  readonly rate?: string;
  readonly role?: string;
}

/** What a demo is asked to do. */
export interface DemoSettings {
  /** How long the application writes; Infinity: until somebody stops it. */
  readonly forMs: number;
  readonly linesPerSecond: number;
  /** The part that this process plays, when a demo started it. */
  readonly role: 'application' | 'backend' | undefined;
}

/** Named as people type them, so that the messages name them so. */
const schema = object({
  '--for': duration({ doc: 'How long the application writes.', default: '10s', min: '1s', max: '20d' }),
  '--rate': integer({ doc: 'How many lines it writes a second.', default: 1000, min: 1, max: 1_000_000 }),
  '--role': optionalChoice(['application', 'backend'], { doc: 'The part that this process plays.' }),
});

/** Checks the command line. Throws an OperatorError that says what is wrong with it. */
export function readArguments(args: DemoArguments): DemoSettings {
  const rate = Number(args.rate);
  const given = { '--for': args.for, '--rate': Number.isNaN(rate) ? args.rate : rate, '--role': args.role };
  const checked = checkOptions(schema, given, []);
  if (!checked.ok) throw new OperatorError({ code: 'ERR_USAGE', message: checked.errors[0]?.message ?? '' });
  const { '--for': forMs, '--rate': linesPerSecond, '--role': role } = checked.options;
  return { forMs: args.for === undefined ? Number.POSITIVE_INFINITY : forMs, linesPerSecond, role };
}

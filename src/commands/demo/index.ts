import { join } from 'node:path';
import { SystemClock } from '../../core/clock.ts';
import { type CommandContext, EXIT } from '../context.ts';
import { runApplication } from './application.ts';
import { runBackend } from './backend.ts';
import { type DemoArguments, readArguments } from './demo-arguments.ts';
import { ParentLink } from './parent-link.ts';
import { DEMO_FOLDER, Showing } from './showing.ts';

/**
 * Shows the agent at work: an application that writes and rotates a log, the agent with `examples/demo.yaml`, and a
 * backend that decodes what arrives, each a process of its own. Ends after `--for`, or at the first signal. Resolves
 * with the exit code: 0 when every line that was written arrived, and arrived once.
 *
 * With `--role` it plays the application or the backend of a demo, which is how the demo starts them.
 */
export async function demo(args: DemoArguments, context: CommandContext): Promise<number> {
  const settings = readArguments(args);
  switch (settings.role) {
    case 'application':
      await runApplication(new ParentLink(process), {
        folder: join(context.env[DEMO_FOLDER] ?? '', 'logs'),
        linesPerSecond: settings.linesPerSecond,
        clock: new SystemClock(),
      });
      return EXIT.ok;
    case 'backend':
      await runBackend(new ParentLink(process), new SystemClock());
      return EXIT.ok;
    case undefined:
      return (await new Showing(settings, context).run()) ? EXIT.ok : EXIT.failed;
    default:
      return settings.role satisfies never;
  }
}

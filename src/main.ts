import { constants } from 'node:os';
import { Command, CommanderError, Option } from 'commander';
import { type CommandContext, EXIT } from './commands/context.ts';
import { printError } from './commands/print-error.ts';
import { endGrowth, runAtFullSpeed, saveMemory, setEngineFlags } from './engine.ts';
import { VERSION } from './telemetry/version.ts';

// The launcher of the bundle has done so already.
setEngineFlags();

// A read from a dead disk occupies a thread for ever. With the usual four, a few of them would stop every other file,
// look-up and compression; a thread that does nothing costs no memory.
process.env['UV_THREADPOOL_SIZE'] ??= '8';

/** What the command line of a worker thread says, and no process can say: a NUL. */
const WORKER_ARGUMENT = '\0worker';
const isWorker = process.argv[2] === WORKER_ARGUMENT;

const drain = new AbortController();
const stop = new AbortController();

/** What is being started has nothing yet that must be ended in order. */
let isStarting = false;
/** What runs ends in order, and in time: an agent. */
let hasStarted = false;

/**
 * How long a start may go on after SIGTERM: a sidecar that is started anew at the end of its pod is told to end before it
 * has begun, and has lines to deliver all the same.
 */
const START_MS = 500;

/**
 * The first signal asks for an orderly end, and the second one ends the process, whatever it is doing. But a second
 * SIGTERM changes nothing for an agent: a kubelet that was restarted sends it again, and grants the whole grace period
 * again.
 */
function onSignal(signal: 'SIGINT' | 'SIGTERM'): void {
  const isFirst = !drain.signal.aborted;
  const end = (): never => {
    stop.abort();
    process.exit(128 + constants.signals[signal]);
  };
  drain.abort();
  if (isStarting && isFirst && signal === 'SIGTERM') setTimeout(() => isStarting && end(), START_MS).unref();
  else if (isStarting || (!isFirst && (signal === 'SIGINT' || !hasStarted))) end();
}
if (!isWorker) {
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // A reader that went away, as in `pillion check --json-schema | head`, is no error of ours.
  process.stdout.on('error', () => {});
}

const context: CommandContext = {
  drain: drain.signal,
  stop: stop.signal,
  onHangup(listener) {
    process.on('SIGHUP', listener);
    return () => void process.off('SIGHUP', listener);
  },
  async whileStarting(start) {
    isStarting = true;
    try {
      const started = await start();
      hasStarted = true;
      return started;
    } finally {
      isStarting = false;
    }
  },
  runAtFullSpeed,
  endGrowth,
  saveMemory,
  thread: { program: process.argv[1] ?? '', argv: [WORKER_ARGUMENT] },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
};

/** How long the process may take to end after its command has. */
const END_MS = 2_000;

/**
 * Ends the process though threads of it wait for ever: another program takes its place, which takes them away and ends
 * with the exit code. SIGKILL would not do for the first process of a container, which cannot kill itself.
 */
function endForGood(): void {
  const code = Number(process.exitCode ?? EXIT.ok);
  try {
    process.execve?.(process.execPath, [process.execPath, '-e', `process.exit(${code})`], {});
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}

/** Leaves an exit code, and ends with it. */
function endWith(code: number): void {
  process.exitCode = code;
  // A read from a dead disk keeps the process, and `process.exit()` waits for its thread, too.
  setTimeout(endForGood, END_MS).unref();
}

/** Runs a command and leaves its exit code. Commands are loaded when they are called: each start pays for itself only. */
function runs<Arguments extends unknown[]>(command: (...args: Arguments) => Promise<number>) {
  return async (...args: Arguments): Promise<void> => endWith(await command(...args));
}

/** The same for a command that works on lines as fast as it can from the beginning. */
function computes<Arguments extends unknown[]>(command: (...args: Arguments) => Promise<number>) {
  return runs((...args: Arguments) => {
    runAtFullSpeed();
    return command(...args);
  });
}

const LEVELS = ['debug', 'info', 'warn', 'error'];
const logLevel = (): Option => new Option('--log-level <level>', "the agent's own log").choices(LEVELS);
const list = (value: string, values: string[] = []): string[] => [...values, value];

const program = new Command('pillion')
  .description(
    'Tails the log files of an application, normalizes every line, and delivers OpenTelemetry. Loses nothing.',
  )
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('Run "pillion --help" for help.')
  .addHelpText(
    'after',
    `
Examples:
  pillion run --config pillion.yaml
  OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318 pillion run --include '/var/log/app/*.log'
  pillion tail app.log
  pillion detect app.log
  kubectl logs -f my-pod | pillion tail
  pillion check pillion.yaml
`,
  );

program
  .command('run')
  .description('run the agent until SIGTERM or Ctrl-C, which drain it')
  .option('-c, --config <file>', 'configuration file (default: pillion.yaml, then /etc/pillion/pillion.yaml)')
  .option('-i, --include <glob>', 'without a configuration file: tail these files, deliver by OTEL_* variables', list)
  .option('--exclude <glob>', 'with --include: but not these', list)
  .addOption(
    new Option('--start-at <where>', 'with --include: of files that exist already').choices(['beginning', 'end']),
  )
  .option('--state <folder>', 'where checkpoints are kept (default: /var/lib/pillion)')
  .addOption(logLevel())
  .action(runs(async (options) => (await import('./commands/run.ts')).run(options, context)));

program
  .command('tail')
  .description('print what the pipeline makes of each line, to debug it')
  .argument('[files...]', 'files or globs; without any: standard input')
  .option('-c, --config <file>', 'take stages from the pipeline of this configuration file')
  .option('-p, --pipeline <name>', 'with --config: which pipeline (default: the only one)')
  .option('-n, --lines <number>', 'start this many lines before the end of each file, or "all"', '10')
  .option('--no-follow', 'end at the end of the files')
  .addOption(
    new Option('-f, --format <format>', 'how records are printed')
      .choices(['pretty', 'json', 'otlp_json'])
      .default('pretty'),
  )
  .option('--raw', 'print lines as they are: no stages')
  .addOption(logLevel())
  .action(computes(async (files, options) => (await import('./commands/tail.ts')).tail(files, options, context)));

program
  .command('check')
  .description('check a configuration file, and say all that is wrong with it')
  .argument('[file]', 'the file (default: pillion.yaml, then /etc/pillion/pillion.yaml)')
  .option('--json-schema', 'print the JSON Schema of configuration files, for editors')
  .action(runs(async (file, options) => (await import('./commands/check.ts')).check(file, options, context)));

program
  .command('test')
  .description('run the cases of a pipeline: lines, and the records that must come of them')
  .argument(
    '[target]',
    'a configuration file, the folder of a pipeline, or the name of a ready-made one (default: pillion.yaml)',
  )
  .option('--update', 'write what comes out as what is expected')
  .action(computes(async (target, options) => (await import('./commands/test.ts')).test(target, options, context)));

program
  .command('explain')
  .description('show what each stage of a pipeline makes of lines, and how long it takes')
  .argument('[file]', 'the lines; without it: standard input')
  .option('-c, --config <file>', 'the configuration file (default: pillion.yaml, then /etc/pillion/pillion.yaml)')
  .option('-p, --pipeline <name>', 'which of its pipelines (default: the only one)')
  .option('-u, --use <name>', 'a ready-made pipeline, or a file of stages, instead of a configuration')
  .option('--line <text>', 'this line instead of a file')
  .option('-n, --lines <number>', 'how many records are shown, or "all"', '10')
  .action(computes(async (file, options) => (await import('./commands/explain.ts')).explain(file, options, context)));

program
  .command('detect')
  .description('find out what the lines of a file are, and print the configuration that reads them')
  .argument('[file]', 'the file; without it: standard input')
  .option('--json', 'print everything that was found, as JSON')
  .action(computes(async (file, options) => (await import('./commands/detect.ts')).detect(file, options, context)));

const ofAgent = (command: Command): Command =>
  command
    .option('-c, --config <file>', "take the agent's address from this configuration file")
    .option('--address <host:port>', 'the admin address of the agent (default: 127.0.0.1:9595)');

ofAgent(program.command('status'))
  .description('show how far a running agent is, by its admin address: per file and per sink')
  .option('--json', 'print everything that the agent knows, as JSON')
  .option(
    '--ready',
    'only ask whether it is ready, also at its health address (default: 127.0.0.1:9596): exit code 0 means yes',
  )
  .action(
    runs(async ({ ready, ...options }) => {
      if (ready === true) return (await import('./commands/ready.ts')).ready(options, context);
      return (await import('./commands/status.ts')).status(options, context);
    }),
  );

ofAgent(program.command('drain'))
  .description('have a running agent send at once from now on: for preStop hooks; it goes on running')
  .option('--hold <duration>', 'end only so much later, such as 15s: a preStop hook keeps SIGTERM back until it ends')
  .action(runs(async (options) => (await import('./commands/drain.ts')).drain(options, context)));

ofAgent(program.command('reload'))
  .description('have a running agent take over its changed configuration now, and say what came of it')
  .action(runs(async (options) => (await import('./commands/reload.ts')).reload(options, context)));

program
  .command('demo')
  .description('show it all at work on this machine: an application, the agent, a backend')
  .option('--for <duration>', 'end after this long, such as 10s (default: at Ctrl-C)')
  .option('--rate <lines>', 'lines a second that the application writes')
  .addOption(new Option('--role <role>').hideHelp())
  .action(runs(async (options) => (await import('./commands/demo/index.ts')).demo(options, context)));

for (const command of program.commands) command.showHelpAfterError(`Run "pillion ${command.name()} --help" for help.`);

if (isWorker) {
  void import('./commands/work.ts').then(({ work }) => work(context));
} else {
  program.parseAsync().catch((error: unknown) => {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    else endWith(printError(error, process.stderr));
  });
}

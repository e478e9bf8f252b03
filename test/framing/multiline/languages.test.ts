import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { LANGUAGES, type Language } from '../../../src/framing/multiline/languages.ts';
import { frameInput, framingOf } from '../../harness/framed.ts';

/** Records as they must come out of their lines; a blank line between two of them belongs to neither. */
const CASES: Record<Language, string[]> = {
  java: [
    '2026-01-02 03:04:05.678 ERROR [main] c.a.Shop - order failed\njava.lang.IllegalStateException: no stock\n\tat com.acme.Shop.main(Shop.java:12)\n\tSuppressed: java.io.IOException: close\n\t\tat com.acme.Db.close(Db.java:3)\n\t\t... 1 more\nCaused by: java.lang.NullPointerException\n\t... 12 common frames omitted',
    '2026-01-02 03:04:06.000 INFO [main] c.a.Shop - next',
    'an ordinary line',
    'Exception in thread "pool-1" Failed: first line\n\nthird line, behind an empty one\n\tat Main.main(Main.java:1)',
    'com.acme.Failed: without frames',
    'what follows is no message of it',
    '2026-01-02 03:04:07.000 INFO [main] c.a.Shop - last',
    '2026-01-02 03:04:08.000 ERROR 7 --- [main] c.a.Shop : failed, as Spring Boot writes it\n\njava.lang.IllegalStateException: no stock\n\tat com.acme.Shop.main(Shop.java:12)',
    '2026-01-02 03:04:08.500 ERROR 7 --- [main] o.s.b.d.LoggingFailureAnalysisReporter : \n\n***************************\nAPPLICATION FAILED TO START\n***************************\n\nDescription:\n\nWeb server failed to start. Port 8080 was already in use.\n\nAction:\n\nIdentify and stop the process:\n  - 1',
    '2026-01-02 03:04:09.000 ERROR 7 --- [main] c.a.Shop : nothing but a blank line follows',
    '2026-01-02 03:04:09.001 INFO 7 --- [main] c.a.Shop : so this is another record',
    '"main" #1 prio=5 os_prio=0 tid=0x1 nid=0x2 runnable',
    '   java.lang.Thread.State: RUNNABLE\n\tat java.io.Reader.read(Reader.java:5)\n\t- locked <0x00000000e0> (a java.lang.Object)\n\tat Main.main(Main.java:2)',
  ],
  python: [
    'INFO:root:started',
    'ERROR:root:failed\nTraceback (most recent call last):\n  File "a.py", line 1, in <module>\n    f()\n    ~^^\nValueError: bad',
    'WARNING:root:next',
    'plain',
    'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nKeyError: 1\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File "b.py", line 2, in f\nmy.module.Failed',
    '2026-01-02 03:04:05 a message that is no part of it',
    'Task exception was never retrieved\nfuture: <Task finished name=\'Task-1\' coro=<f() done> exception=ValueError(1)>\nTraceback (most recent call last):\n  File "a.py", line 1, in f\nValueError: 1\nwith more lines',
    'ERROR:root:with its stack\nStack (most recent call last):\n  File "a.py", line 1, in <module>\n    f()',
    'ERROR:root:failed, with its stack\nTraceback (most recent call last):\n  File "a.py", line 1, in f\nValueError: 1\nStack (most recent call last):\n  File "a.py", line 2, in g',
    'future: <this is no text of asyncio',
    '2026-01-02 03:04:05.678 | ERROR    | app:f:5 - caught\nTraceback (most recent call last):\n\n  File "a.py", line 5, in <module>\n    f(0)\n    └ <function f at 0x7f>\n\n> File "a.py", line 3, in f\n    return 1 / x\n               └ 0\n\nZeroDivisionError: division by zero',
    '2026-01-02 03:04:05.678 | INFO     | app:f:6 - next',
    '2026-01-02 03:04:06 last',
  ],
  go: [
    'plain',
    'panic: first [recovered]\n\tpanic: second\n\ngoroutine 1 [running]:\nmain.f(...)\n\t/app/main.go:5\nmain.main()\n\t/app/main.go:9 +0x1d\n\ngoroutine 7 [chan receive, 2 minutes]:\nmain.g.func1({0x1, 0x2})\n\t/app/main.go:20 +0x3\ncreated by main.g in goroutine 1\n\t/app/main.go:18 +0x5\nexit status 2',
    '2026/01/02 03:04:05 next',
    'fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan send]:\nmain.main()\n\t/app/main.go:5 +0x1d',
    '{"level":"info","msg":"json"}',
    'SIGQUIT: quit\nPC=0x46d8a1 m=0 sigcode=0\n\ngoroutine 0 [idle]:\nruntime.futex()\n\t/usr/lib/go/src/runtime/sys_linux_amd64.s:557 +0x21\n\nrax    0xca\nrbx    0x0',
    'panic: text of\ntwo lines\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d',
    'plain (with brackets)',
    'I0102 03:04:05.678901 1 x.go:1] "text" data=<\n\tfirst line\n\t\n\t > third line\n > more=<\n\tother\n > next=1',
    'I0102 03:04:05.678901 1 trace.go:205] Trace[123]: "List" (total time: 678ms):\nTrace[123]: ---"Listing done" 600ms\nTrace[123]: [678ms] [678ms] END',
    'W0102 03:04:05.678901 1 x.go:1] "text" data=<',
    'an ordinary line',
    '\tand one that is indented',
  ],
  node: [
    '[12:30:01] server listening',
    "request failed TypeError: x is not a function\n    at f (/app/a.js:1:2)\n    at async Promise.all (index 0) {\n  code: 'E',\n  [cause]: Error: why\n      at g (/app/b.js:3:4) {\n    errno: -2\n  }\n}",
    '{"level":30,"msg":"json"}',
    'AggregateError: All promises were rejected\n    at run (/app/a.js:1:2) {\n  [errors]: [\n    Error: one\n        at a (/app/a.js:1:2),\n    Error: two\n        at b (/app/b.js:1:2)\n  ]\n}',
    'Error: message\nof two lines\n    at f (/app/a.js:1:2)',
    '(node:7) [DEP0040] DeprecationWarning: The `punycode` module is deprecated.\n(Use `node --trace-deprecation ...` to show where the warning was created)',
    'Error: without frames',
    'an ordinary line',
    '2026-01-02T03:04:05.678Z error: failed\nTypeError: bad\n    at f (/app/a.js:1:2)',
    '/app/a.js:3',
    'is not always a place in the source',
    '2026-01-02T03:04:05.678Z info: last',
  ],
  dotnet: [
    'info: Microsoft.Hosting.Lifetime[0]\n      Application started.\n      Press Ctrl+C to shut down.',
    'fail: Acme.Shop[1]\n      order failed\n      System.InvalidOperationException: no stock\n         at Acme.Shop.Main() in /app/Shop.cs:line 3\n       ---> System.Exception: inner\n         --- End of inner exception stack trace ---',
    'plain',
    'Unhandled exception. System.AggregateException: One or more errors occurred. (bad)\n ---> System.ArgumentException: bad\nof two lines\n   at Program.<Main>$(String[] args) in /app/Program.cs:line 1\n   --- End of inner exception stack trace ---\n   at Program.Main()',
    '2026-01-02 03:04:05.678 +00:00 [ERR] failed\nSystem.Exception: bad\n   at Program.Main()',
    '2026-01-02 03:04:06.678 +00:00 [INF] next',
    'info: Microsoft.EntityFrameworkCore.Database.Command[20101]\n      SELECT 1\n      \n      FROM x',
    '2026-01-02 03:04:07.678 +00:00 [ERR] failed\nMicrosoft.Data.SqlClient.SqlException (0x80131904): Invalid object\n   at Program.Main()\nClientConnectionId:5f3c1a\nError Number:208,State:1,Class:16',
    '2026-01-02 03:04:08.678 +00:00 [INF] last',
  ],
  ruby: [
    "app.rb:2:in `run': bad (RuntimeError)\nmore of it\n\tfrom app.rb:5:in `each'\n\tfrom app.rb:5:in `<main>'",
    "app.rb:2:in 'Shop#run': bad (RuntimeError)\n\tfrom app.rb:5:in '<main>'",
    'I, [2026-01-02T03:04:05.678901 #12]  INFO -- : started',
    "E, [2026-01-02T03:04:05.678901 #12] ERROR -- : bad (RuntimeError)\napp.rb:2:in `run'\napp.rb:5:in `<main>'",
    "F, [2026-01-02T03:04:05.678901 #12] FATAL -- :\nActionView::Template::Error (undefined method `x'):\n    1: <p>\n    2: <%= x %>\n\napp/views/a.erb:2:in `_app_views_a'\n\nCauses:\nNoMethodError (undefined method `x')\napp/views/a.erb:2:in `_app_views_a'",
    'Started GET "/" for 127.0.0.1',
  ],
  php: [
    '[02-Jan-2026 03:04:05 UTC] PHP Fatal error:  Uncaught RuntimeException: first\nsecond in /app/a.php:3\nStack trace:\n#0 /app/a.php(9): f()\n#1 {main}\n\nNext LogicException: outer in /app/b.php:4\nStack trace:\n#0 {main}\n  thrown in /app/b.php on line 4',
    '[02-Jan-2026 03:04:05 UTC] PHP Warning:  next',
    '[02-Jan-2026 03:04:05 UTC] PHP Warning:  Undefined variable $x in /app/a.php on line 1\nPHP Stack trace:\nPHP   1. {main}() /app/a.php:0',
    '[2026-01-02 03:04:05] production.ERROR: bad {"exception":"[object] (Exception(code: 0): bad at /app/a.php:1)\n[stacktrace]\n#0 /app/a.php(9): f()\n#1 {main}\n"}',
    '[2026-01-02 03:04:06] production.INFO: next',
  ],
  rust: [
    "thread 'main' panicked at src/main.rs:2:5:\nassertion `left == right` failed: text\n  left: 1\n right: 2\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/0/library/std/src/panicking.rs:1:5\n   1: app::main\n             at ./src/main.rs:2:5\nnote: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.",
    '2026-01-02T03:04:05Z  INFO app: next',
    "thread 'tokio-runtime-worker' panicked at 'old form', src/main.rs:2:5\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    '[2026-01-02T03:04:05Z ERROR app] next',
    'Error: could not start\n\nCaused by:\n    0: could not read config\n    1: No such file or directory (os error 2)\n\nStack backtrace:\n   0: anyhow::error\n             at /src/anyhow.rs:1:1',
    'plain',
  ],
  dart: [
    'plain',
    'Unhandled exception:\nFormatException: Invalid\nof several lines\n#0      main (file:///app/main.dart:3:5)\n<asynchronous suspension>\n#1      _startIsolate (dart:isolate-patch/isolate_patch.dart:301:19)',
    'plain',
    'caught: Bad state\n#0      f (file:///app/main.dart:3:5)',
  ],
};

for (const language of LANGUAGES) {
  test(`judge of ${language} puts together what belongs together, and nothing else`, () => {
    const records = CASES[language];
    // Of Python an ordinary line between an exception and one that was logged counts as its message.
    for (const around of language === 'python' ? [records] : [records, records.toReversed()]) {
      const { records: framed } = frameInput(framingOf('plain', language), `${around.join('\n')}\n`);
      assert.deepEqual(
        framed.map(({ body }) => body),
        around,
      );
    }
  });

  test(`judge of ${language} goes on with a trace whose head went out already`, () => {
    for (const record of CASES[language]) {
      const lines = record.split('\n');
      if (lines.length < 3) continue;
      // Cut where a frame follows: other lines alone say nothing.
      const frame = lines.findLastIndex((line) => /^\s*(at|from|File|\d+:|#\d|\/)|^\t|\.rb:/.test(line));
      if (frame < 2) continue;
      const framing = framingOf('plain', language);
      const head = frameInput(framing, `${lines.slice(0, frame).join('\n')}\n`);
      const rest = frameInput(framing, `${lines.slice(frame).join('\n')}\n`, { resume: head.resume });
      assert.equal(head.records.length, 1, record);
      assert.equal(rest.records.length, 1, record);
      assert.notEqual(rest.records[0]!.flags ?? 0, 0);
    }
  });
}

test('judge of java ends why Spring Boot did not start at two blank lines, and at a line that was logged', () => {
  const report =
    '2026-01-02 03:04:05.678 ERROR 7 --- [main] a.Reporter : \n\n***************************\nWhy:\n\nAction';
  const { records } = frameInput(framingOf('plain', 'java'), `${report}\n\n\n  .   ____\n${report}\n\n${report}\n`);
  assert.deepEqual(
    records.map(({ body }) => body),
    [report, '  .   ____', report, report],
  );
});

const RUNS: { readonly language: Language; readonly command: string; readonly source: string }[] = [
  { language: 'node', command: process.execPath, source: 'JSON.parse("{")' },
  {
    language: 'node',
    command: process.execPath,
    source: 'throw new Error("load\\nfailed", { cause: new TypeError("why") })',
  },
  {
    language: 'node',
    command: process.execPath,
    source: 'Promise.any([Promise.reject(new Error("a")), Promise.reject(new Error("b"))])',
  },
  {
    language: 'node',
    command: process.execPath,
    source: 'require("assert").deepStrictEqual({ a: [1, 2], b: "x" }, { a: [1, 3], b: "y" })',
  },
  { language: 'node', command: process.execPath, source: 'Promise.reject(17)' },
  { language: 'node', command: process.execPath, source: 'require("fs").readFileSync("/nope/x")' },
  {
    language: 'python',
    command: 'python3',
    source: 'import json\ntry: json.loads("[1,")\nexcept Exception as e: raise RuntimeError("a\\nb") from e',
  },
  {
    language: 'python',
    command: 'python3',
    source: 'import threading, json\nthreading.Thread(target=json.loads, args=("[1,",)).start()',
  },
  { language: 'python', command: 'python3', source: 'def f(n): return f(n + 1)\nf(0)' },
];

for (const { language, command, source } of RUNS) {
  const isThere = spawnSync(command, ['--version']).error === undefined;
  const name = source.split('\n')[0]!.slice(0, 60);
  test(`judge of ${language} takes what the runtime prints for ${name} as one record`, {
    skip: isThere ? false : `platform: there is no ${command}`,
  }, () => {
    const flag = language === 'python' ? '-c' : '-e';
    const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' };
    const { stderr } = spawnSync(command, [flag, source], { encoding: 'utf8', env });
    const lines = [
      '2026-01-02T03:04:05Z INFO before',
      stderr.replace(/^\n+|\n+$/g, ''),
      '2026-01-02T03:04:06Z INFO after',
    ];
    // Before the first line of the trace another one must stand that is not its own.
    lines.splice(1, 0, 'an ordinary line');
    const { records } = frameInput(framingOf('plain', language), `${lines.join('\n')}\n`);
    assert.deepEqual(
      records.map(({ body }) => body),
      lines,
    );
  });
}

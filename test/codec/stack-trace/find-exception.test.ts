import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ExceptionSpans } from '../../../src/codec/stack-trace/exception-spans.ts';
import { findException } from '../../../src/codec/stack-trace/find-exception.ts';

interface Found {
  readonly type: string;
  readonly message: string;
  /** How the trace begins. */
  readonly trace: string;
}

function find(text: string): Found | undefined {
  // What stands around must not matter.
  const around = '\n\tat x.y(Z.java:1)\n';
  const bytes = Buffer.from(`${around}${text}${around}`);
  const start = around.length;
  const end = bytes.length - around.length;
  const spans = new ExceptionSpans();
  if (!findException(bytes, start, end, spans)) return undefined;
  const { traceStart, typeStart, typeEnd, messageStart, messageEnd } = spans;
  assert.ok(start <= traceStart && traceStart < end);
  assert.ok(traceStart <= typeStart || typeEnd === typeStart || traceStart > typeEnd);
  assert.ok(start <= typeStart && typeEnd <= end && start <= messageStart && messageEnd <= end);
  return {
    type: bytes.toString('utf8', typeStart, typeEnd),
    message: bytes.toString('utf8', messageStart, messageEnd),
    trace: bytes.toString('utf8', traceStart, end),
  };
}

for (const { name, text, type, message, trace = text } of [
  {
    name: 'Java behind a line that was logged',
    text: '2026-01-02 03:04:05.678 ERROR [main] c.a.Shop - order failed\njava.lang.IllegalStateException: no stock\n\tat com.acme.Shop.main(Shop.java:12)\nCaused by: java.io.IOException: x\n\t... 1 more',
    type: 'java.lang.IllegalStateException',
    message: 'no stock',
    trace:
      'java.lang.IllegalStateException: no stock\n\tat com.acme.Shop.main(Shop.java:12)\nCaused by: java.io.IOException: x\n\t... 1 more',
  },
  {
    name: 'Java in a thread, with a message of several lines',
    text: 'Exception in thread "pool-1" com.acme.Failed: first line\n\nthird line\n\tat Main.main(Main.java:1)',
    type: 'com.acme.Failed',
    message: 'first line\n\nthird line',
  },
  {
    name: 'Java on the line that was logged',
    text: '03:04:05.678 [main] WARN  c.a.Shop - cannot ship java.io.IOException: disk: full\n\tat com.acme.Shop.main(Shop.java:12)',
    type: 'java.io.IOException',
    message: 'disk: full',
    trace: 'java.io.IOException: disk: full\n\tat com.acme.Shop.main(Shop.java:12)',
  },
  {
    name: 'Java behind a message that is a word for exceptions',
    text: 'Error\njava.lang.IllegalStateException: no stock\n\tat com.acme.Shop.main(Shop.java:12)',
    type: 'java.lang.IllegalStateException',
    message: 'no stock',
    trace: 'java.lang.IllegalStateException: no stock\n\tat com.acme.Shop.main(Shop.java:12)',
  },
  {
    name: 'Node behind a message that is a word for errors',
    text: 'Error\nTypeError: bad\n    at f (/app/a.js:1:2)',
    type: 'TypeError',
    message: 'bad',
    trace: 'TypeError: bad\n    at f (/app/a.js:1:2)',
  },
  {
    name: 'Node with a message of several lines that names another error',
    text: 'Error: first\nTypeError: of the message\n    at f (/app/a.js:1:2)',
    type: 'Error',
    message: 'first\nTypeError: of the message',
  },
  {
    name: '.NET with the code of an error',
    text: 'Microsoft.Data.SqlClient.SqlException (0x80131904): Invalid object name\n   at Microsoft.Data.SqlClient.SqlConnection.OnError(SqlException exception)',
    type: 'Microsoft.Data.SqlClient.SqlException',
    message: 'Invalid object name',
  },
  {
    name: '.NET with a code on the line that was logged',
    text: '2026-01-02 03:04:05.678 [ERR] failed: System.Net.Sockets.SocketException (111): Connection refused\n   at Acme.Shop.Main()',
    type: 'System.Net.Sockets.SocketException',
    message: 'Connection refused',
    trace: 'System.Net.Sockets.SocketException (111): Connection refused\n   at Acme.Shop.Main()',
  },
  {
    name: '.NET behind a message that begins with a word for exceptions',
    text: 'Exception: order 7\nSystem.InvalidOperationException: no stock\n   at Acme.Shop.Main()',
    type: 'System.InvalidOperationException',
    message: 'no stock',
    trace: 'System.InvalidOperationException: no stock\n   at Acme.Shop.Main()',
  },
  {
    name: 'Java with line ends of Windows',
    text: 'java.io.IOException: disk\r\n\tat com.acme.Shop.main(Shop.java:12)\r\n',
    type: 'java.io.IOException',
    message: 'disk',
  },
  {
    name: '.NET that nobody caught, with an inner one',
    text: 'Unhandled exception. System.AggregateException: One or more errors occurred. (x)\n ---> System.Exception: x\n   at Program.F() in /src/Program.cs:line 5\n   --- End of inner exception stack trace ---\n   at Program.Main()',
    type: 'System.AggregateException',
    message: 'One or more errors occurred. (x)',
  },
  {
    name: '.NET as its console logger indents it',
    text: 'fail: Shop.Worker[0]\n      order failed\n      System.InvalidOperationException: no stock\n         at Shop.Worker.Run() in /src/Worker.cs:line 5',
    type: 'System.InvalidOperationException',
    message: 'no stock',
    trace: '      System.InvalidOperationException: no stock\n         at Shop.Worker.Run() in /src/Worker.cs:line 5',
  },
  {
    name: 'Node with a class of its own',
    text: 'PaymentDeclined: card expired\n    at pay (/app/pay.js:3:9)',
    type: 'PaymentDeclined',
    message: 'card expired',
  },
  {
    name: 'Node with a code',
    text: 'TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument\n    at Object.open (node:fs:573:18)',
    type: 'TypeError',
    message: 'The "path" argument',
  },
  {
    name: 'Node of an ES module',
    text: 'Error: boom\n    at file:///app/main.mjs:1:7',
    type: 'Error',
    message: 'boom',
  },
  {
    name: 'Node behind words',
    text: 'Unhandled rejection: TypeError: x is not a function\n    at async main (/app/main.js:3:9)',
    type: 'TypeError',
    message: 'x is not a function',
    trace: 'TypeError: x is not a function\n    at async main (/app/main.js:3:9)',
  },
  {
    name: 'Python behind a line that was logged',
    text: 'ERROR:root:failed\nTraceback (most recent call last):\n  File "a.py", line 1, in <module>\n    f()\n    ~^^\nmy.module.Failed: bad\nnote',
    type: 'my.module.Failed',
    message: 'bad\nnote',
    trace:
      'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    f()\n    ~^^\nmy.module.Failed: bad\nnote',
  },
  {
    name: 'Python with the stack that a logger adds',
    text: 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\nStack (most recent call last):\n  File "a.py", line 2, in <module>\n    log.exception("x", stack_info=True)',
    type: 'KeyError',
    message: '1',
  },
  {
    name: 'Python, an error of logging itself',
    text: '--- Logging error ---\nTraceback (most recent call last):\n  File "a.py", line 1, in emit\nTypeError: not all arguments converted\nCall stack:\n  File "a.py", line 2, in <module>\nMessage: "x"\nArguments: (1,)',
    type: 'TypeError',
    message: 'not all arguments converted',
    trace:
      'Traceback (most recent call last):\n  File "a.py", line 1, in emit\nTypeError: not all arguments converted\nCall stack:\n  File "a.py", line 2, in <module>\nMessage: "x"\nArguments: (1,)',
  },
  {
    name: 'Python by Loguru',
    text: 'Traceback (most recent call last):\n\n  File "a.py", line 5, in <module>\n    f(0)\n    └ <function f at 0x7f>\n\n> File "a.py", line 3, in f\n    return 1 / x\n               └ 0\n\nZeroDivisionError: division by zero',
    type: 'ZeroDivisionError',
    message: 'division by zero',
  },
  {
    name: 'Python in a chain',
    text: 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File "b.py", line 2, in g\nRuntimeError',
    type: 'RuntimeError',
    message: '',
  },
  {
    name: 'Python in a chain behind a group',
    text: '  + Exception Group Traceback (most recent call last):\n  |   File "a.py", line 1, in f\n  | ExceptionGroup: several (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File "a.py", line 2, in g\n    | ValueError: 1\n    +------------------------------------\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File "b.py", line 2, in g\nRuntimeError: outer\nof two lines',
    type: 'RuntimeError',
    message: 'outer\nof two lines',
  },
  {
    name: 'Python, a group at the end of a chain',
    text: 'ERROR:root:failed\nTraceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\n  + Exception Group Traceback (most recent call last):\n  |   File "a.py", line 1, in f\n  | ExceptionGroup: several (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | ValueError: 1\n    +------------------------------------',
    type: 'ExceptionGroup',
    message: 'several (1 sub-exception)',
    trace:
      'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\n  + Exception Group Traceback (most recent call last):\n  |   File "a.py", line 1, in f\n  | ExceptionGroup: several (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | ValueError: 1\n    +------------------------------------',
  },
  {
    name: 'Go with a text of several lines',
    text: 'panic: wrapped: first\n\tsecond [recovered]\n\tpanic: other\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d',
    type: 'panic',
    message: 'wrapped: first\n\tsecond',
  },
  {
    name: 'Go, recovered',
    text: 'panic: first [recovered]\n\tpanic: second\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d',
    type: 'panic',
    message: 'first',
  },
  {
    name: 'Go, a fatal error',
    text: 'fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan send]:\nmain.main()\n\t/app/main.go:5 +0x1d',
    type: 'fatal error',
    message: 'all goroutines are asleep - deadlock!',
  },
  {
    name: 'Go, a signal',
    text: 'SIGQUIT: quit\nPC=0x46d8a1 m=0 sigcode=0\n\ngoroutine 0 [idle]:\nruntime.futex()\n\t/usr/x.s:557 +0x21',
    type: 'SIGQUIT',
    message: 'quit\nPC=0x46d8a1 m=0 sigcode=0',
  },
  {
    name: 'Go behind a line that was logged',
    text: '2026/01/02 03:04:05 recovered from panic: runtime error: x\ngoroutine 7 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d',
    type: 'panic',
    message: 'runtime error: x',
    trace: 'goroutine 7 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d',
  },
  {
    name: 'Ruby that nobody caught',
    text: "app.rb:2:in 'Shop#run': bad (RuntimeError)\n\tfrom app.rb:5:in '<main>'",
    type: 'RuntimeError',
    message: 'bad',
  },
  {
    name: 'Ruby by its logger',
    text: "E, [2026-01-02T03:04:05.678901 #12] ERROR -- : bad thing (Shop::Failed)\napp.rb:2:in `run'\napp.rb:5:in `<main>'",
    type: 'Shop::Failed',
    message: 'bad thing',
    trace: "app.rb:2:in `run'\napp.rb:5:in `<main>'",
  },
  {
    name: 'Ruby as people log it',
    text: "E, [2026-01-02T03:04:05.678901 #12] ERROR -- : Shop::StockError: none: left\nof it\n/app/shop.rb:2:in 'run'\n/app/shop.rb:5:in '<main>'",
    type: 'Shop::StockError',
    message: 'none: left\nof it',
    trace: "Shop::StockError: none: left\nof it\n/app/shop.rb:2:in 'run'\n/app/shop.rb:5:in '<main>'",
  },
  {
    name: 'Rails with a template',
    text: "F, [2026-01-02T03:04:05.678901 #12] FATAL -- :\nActionView::Template::Error (undefined method `x'):\n    1: <p>\n    2: <%= x %>\n\napp/views/a.erb:2:in `_app_views_a'",
    type: 'ActionView::Template::Error',
    message: "undefined method `x'",
    trace:
      "ActionView::Template::Error (undefined method `x'):\n    1: <p>\n    2: <%= x %>\n\napp/views/a.erb:2:in `_app_views_a'",
  },
  {
    name: 'PHP',
    text: '[02-Jan-2026 03:04:05 UTC] PHP Fatal error:  Uncaught Acme\\Failed: first\nsecond in town in /app/a.php:3\nStack trace:\n#0 {main}\n  thrown in /app/a.php on line 3',
    type: 'Acme\\Failed',
    message: 'first\nsecond in town',
    trace:
      'Acme\\Failed: first\nsecond in town in /app/a.php:3\nStack trace:\n#0 {main}\n  thrown in /app/a.php on line 3',
  },
  {
    name: 'PHP in a chain',
    text: 'PHP Fatal error:  Uncaught RuntimeException: why in /app/a.php:3\nStack trace:\n#0 {main}\n\nNext Acme\\Failed: outer: Next\nline in /app/b.php:4\nStack trace:\n#0 {main}\n  thrown in /app/b.php on line 4',
    type: 'Acme\\Failed',
    message: 'outer: Next\nline',
    trace:
      'RuntimeException: why in /app/a.php:3\nStack trace:\n#0 {main}\n\nNext Acme\\Failed: outer: Next\nline in /app/b.php:4\nStack trace:\n#0 {main}\n  thrown in /app/b.php on line 4',
  },
  {
    name: 'PHP by its log',
    text: '[02-Jan-2026 03:04:05 UTC] Acme\\StockException: none in /app/a.php:3\nStack trace:\n#0 {main}',
    type: 'Acme\\StockException',
    message: 'none',
    trace: 'Acme\\StockException: none in /app/a.php:3\nStack trace:\n#0 {main}',
  },
  {
    name: 'Laravel',
    text: '[2026-01-02 03:04:05] production.ERROR: bad {"exception":"[object] (App\\\\Failed(code: 0): bad at /app/a.php:1)\n[stacktrace]\n#0 /app/a.php(9): f()\n#1 {main}\n"}',
    type: 'App\\\\Failed',
    message: 'bad',
  },
  {
    name: 'Rust of today',
    text: "thread 'main' panicked at src/main.rs:2:5:\nassertion `left == right` failed\n  left: 1\n right: 2\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    type: 'panic',
    message: 'assertion `left == right` failed\n  left: 1\n right: 2',
  },
  {
    name: 'Rust before 1.73',
    text: "thread 'worker' panicked at 'it's, old', src/main.rs:2:5\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    type: 'panic',
    message: "it's, old",
  },
  {
    name: 'Rust with causes',
    text: 'Error: could not start\n\nCaused by:\n    0: could not read config\n    1: No such file or directory (os error 2)',
    type: '',
    message: 'could not start',
  },
  {
    name: 'Dart that was caught',
    text: 'FormatException: Invalid\n#0      f (file:///app/main.dart:3:5)',
    type: 'FormatException',
    message: 'Invalid',
  },
]) {
  test(`findException() finds the exception of ${name}`, () => assert.deepEqual(find(text), { type, message, trace }));
}

for (const { name, text } of [
  { name: 'one line', text: 'java.io.IOException: disk full' },
  { name: 'ordinary lines', text: 'first\n  at home\n  at 10:30 (or so)\nlast' },
  { name: 'JSON on several lines', text: '{\n  "error": "IOException: x",\n  "at": "(y)"\n}' },
  {
    name: 'a dump of threads',
    text: '"main" #1 prio=5 os_prio=0 runnable\n   java.lang.Thread.State: RUNNABLE\n\tat java.io.Reader.read(Reader.java:5)',
  },
  {
    name: 'frames behind a line that was logged',
    text: '2026-01-02 03:04:05 DEBUG [main] called from\n\tat com.acme.Shop.main(Shop.java:12)',
  },
  { name: 'frames alone', text: '\tat com.acme.Shop.main(Shop.java:12)\n\tat com.acme.Shop.main(Shop.java:13)' },
  { name: 'a stack of Go without a panic', text: 'goroutine 1 [running]:\nmain.main()\n\t/app/main.go:5 +0x1d' },
  { name: 'nothing', text: '' },
]) {
  test(`findException() finds none in ${name}`, () => assert.equal(find(text), undefined));
}

const corpora = join(import.meta.dirname, '../../../../shared/corpora');
const missing = existsSync(join(corpora, 'runtime-traces')) ? false : 'the corpora of stack traces are not there';

for (const [file, type, message] of [
  ['detect-exceptions/csharp/csharp_async_exc.txt', 'System.InvalidOperationException', 'This is an exception'],
  ['detect-exceptions/csharp/csharp_nested_exc.txt', 'System.InvalidOperationException', 'This is the outer exception'],
  ['detect-exceptions/dart/dart_divide_by_zero_err.txt', 'IntegerDivisionByZeroException', ''],
  ['detect-exceptions/dart/dart_exc.txt', 'Exception', 'exception message'],
  ['detect-exceptions/dart/dart_format_err.txt', 'FormatException', 'format exception'],
  ['detect-exceptions/dart/dart_oom_err.txt', '', 'Out of Memory'],
  ['detect-exceptions/dart/dart_unsupported_err.txt', '', 'Unsupported operation: unsupported'],
  ['detect-exceptions/go/go_http.txt', 'panic', 'test panic'],
  ['detect-exceptions/go/go_on_gae_exc.txt', 'panic', 'runtime error: index out of range'],
  [
    'detect-exceptions/go/go_signal_exc.txt',
    'panic',
    'runtime error: invalid memory address or nil pointer dereference',
  ],
  ['detect-exceptions/java/complex_java_exc.txt', 'javax.servlet.ServletException', 'Something bad happened'],
  ['detect-exceptions/js/client_js_exc.txt', 'Error', ''],
  ['detect-exceptions/js/v8_js_exc.txt', '', 'V8 errors stack trace'],
  ['detect-exceptions/php/php_on_gae_exc.txt', 'Exception', 'message'],
  ['detect-exceptions/python/python_exc.txt', 'Exception', "('spam', 'eggs')"],
  ['detect-exceptions/ruby/rails_exc.txt', 'ActionController::RoutingError', 'No route matches [GET] "/settings"'],
  ['runtime-traces/java/jdk17-jul.txt', 'java.lang.IndexOutOfBoundsException', 'Index: 3 Size: 1'],
  ['runtime-traces/java/jdk17-nested.txt', 'java.lang.RuntimeException', 'outer\nsecond line of message'],
  ['runtime-traces/java/jdk17-thread0.txt', 'java.lang.UnsupportedOperationException', ''],
  ['runtime-traces/js/node20-cause.txt', 'Error', 'load failed'],
  ['runtime-traces/js/node20-console-error.txt', 'TypeError', "Cannot read properties of null (reading 'x')"],
  ['runtime-traces/js/node20-enoent.txt', 'Error', "ENOENT: no such file or directory, open '/nope/x'"],
  ['runtime-traces/js/node20-uncaught.txt', 'SyntaxError', "Expected property name or '}' in JSON at position 1"],
  [
    'runtime-traces/python/py3.10-thread.txt',
    'json.decoder.JSONDecodeError',
    'Expecting value: line 1 column 4 (char 3)',
  ],
  [
    'runtime-traces/python/py3.11-exception-group.txt',
    'ExceptionGroup',
    'unhandled errors in a TaskGroup (2 sub-exceptions)',
  ],
  ['runtime-traces/python/py3.11-multiline-message.txt', 'ValueError', 'first\nsecond\n\nfourth'],
  ['runtime-traces/python/py3.12-recursion.txt', 'RecursionError', 'maximum recursion depth exceeded'],
  ['runtime-traces/python/py3.13-syntaxerror.txt', 'SyntaxError', "'(' was never closed"],
  [
    'runtime-traces/python/py3.9-urlopen-refused.txt',
    'urllib.error.URLError',
    '<urlopen error [Errno 111] Connection refused>',
  ],
  ['runtime-traces/rust/rust-index.txt', 'panic', 'index out of bounds: the len is 1 but the index is 7'],
] as const) {
  test(`findException() finds the exception of ${file}`, { skip: missing }, () => {
    const found = find(readFileSync(join(corpora, file), 'utf8'));
    assert.deepEqual([found?.type, found?.message], [type, message]);
  });
}

test('findException() finds none in ordinary text of the corpora', { skip: missing }, () => {
  assert.equal(find(readFileSync(join(corpora, 'detect-exceptions/none/arbitrary_text.txt'), 'utf8')), undefined);
});

const PIECES = [
  ...['\n', '\n\t', '\r\n', ' ', 'Error: x', 'java.io.IOException: y', 'at a.b(c:1:2)', '    at f (x.js:1:2)'],
  ...[
    'Traceback (most recent call last):',
    '  File "a"',
    'During handling of the above exception',
    '  + Exception Group ',
  ],
  ...['goroutine 1 [running]:', 'panic: x', '#0   main', 'Stack trace:', 'Uncaught ', '[object] (', '[stacktrace]'],
  ...["a.rb:1:in 'x'", "': ", '(Type)', "thread 'a' panicked at ", 'Caused by:', 'Error: ', ' in /a.php:1', '  | '],
];

test('findException() ends on any pieces of traces, within the text', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }), (pieces) => void find(pieces.join(''))),
    { numRuns: 2000 },
  );
});

/**
 * The cheapest receiver there is: it reads requests into one piece of memory, looks at nothing but where they end, and
 * answers 200. For benchmarks of an agent that can use all cores, on which the receiver runs, too. It talks to its parent
 * as `null-otlp-server.ts` does, and says what CPU time it has used, and when requests came.
 *
 * Sockets that a server accepts cannot be told what memory to read into (`onread`), so their handles are taken over: an
 * array of 64 KiB for each read costs more than twice as much. It is no module of TypeScript, because handles have no types.
 */
const { createServer, Socket } = require('node:net');

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n';
const HEAD_END = '\r\n\r\n';
const MAX_HEAD_BYTES = 16 * 1024;

const memory = Buffer.allocUnsafeSlow(1024 * 1024);
let received = { requests: 0, bytes: 0, records: 0 };
let used = process.cpuUsage();
/** When the first byte of a request came since the last report, and the last one, in Unix milliseconds. */
let firstMs = 0;
let lastMs = 0;

function nowMs() {
  return performance.timeOrigin + performance.now();
}

/** Counts the requests that come over one connection. */
class Connection {
  #socket;
  #head = '';
  /** How much of a body is still to come. */
  #left = 0;

  constructor(handle) {
    this.#socket = new Socket({ handle, onread: { buffer: memory, callback: (length) => this.#read(length) } });
    this.#socket.on('error', () => this.#socket.destroy());
  }

  #read(length) {
    let at = 0;
    while (at < length) at = this.#left > 0 ? this.#readBody(at, length) : this.#readHead(at, length);
    return true;
  }

  #readBody(at, length) {
    const taken = Math.min(this.#left, length - at);
    this.#left -= taken;
    received.bytes += taken;
    if (this.#left === 0) this.#answer();
    return at + taken;
  }

  #answer() {
    this.#socket.write(ANSWER);
    lastMs = nowMs();
  }

  #readHead(at, length) {
    const before = this.#head.length;
    this.#head += memory.latin1Slice(at, Math.min(length, at + MAX_HEAD_BYTES));
    const end = this.#head.indexOf(HEAD_END);
    if (end === -1) return length;
    const [, bodyBytes] = /\r\ncontent-length: *(\d+)/i.exec(this.#head) ?? [];
    if (bodyBytes === undefined) throw new Error('Cannot count request: it does not say how long it is');
    this.#left = Number(bodyBytes);
    this.#head = '';
    if (received.requests++ === 0) {
      firstMs = nowMs();
      process.send({ kind: 'first_request' });
    }
    return at + end + HEAD_END.length - before;
  }
}

const server = createServer({ pauseOnConnect: true }, (accepted) => {
  const handle = accepted._handle;
  accepted._handle = null;
  accepted.destroy();
  new Connection(handle);
});

server.listen(0, '127.0.0.1', () => {
  process.send({ kind: 'listening', endpoint: `http://127.0.0.1:${server.address().port}` });
});

process.on('message', () => {
  const { user, system } = process.cpuUsage(used);
  process.send({ kind: 'report', received: { ...received, cpuMs: (user + system) / 1000, firstMs, lastMs } });
  received = { requests: 0, bytes: 0, records: 0 };
  used = process.cpuUsage();
});
process.on('disconnect', () => process.exit());

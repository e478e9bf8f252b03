import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { openPackets } from '../../sources/statsd/statsd-setting.ts';
import { measure } from './measure.ts';

/**
 * What a line of StatsD costs, taken out of packets as they come, with a line each or as many as a client puts into one
 * for the loopback interface; and what it costs Node to receive a packet, whatever is in it.
 */
const LINES = 1000;
const ROUNDS = 100;
const CODES = [200, 200, 201, 304, 404, 500];

const KINDS: readonly { readonly name: string; readonly line: (i: number) => string }[] = [
  { name: 'counter without tags', line: (i) => `page.views.${i % 10}:1|c` },
  {
    name: 'counter with three tags',
    line: (i) => `http.requests:1|c|#method:GET,code:${CODES[i % CODES.length]},host:web-${i % 20}`,
  },
  {
    name: 'timer with three tags',
    line: (i) => `http.took:${(i % 97) + 0.5}|ms|#method:GET,code:${CODES[i % CODES.length]},host:web-${i % 20}`,
  },
  { name: 'timer of ten values', line: (i) => `http.took:1:2:3:4:5:6:7:8:9:${i % 10}|ms|#host:web-${i % 20}` },
  { name: 'counter, each with a tag of its own', line: (i) => `flood:1|c|#id:${i}` },
  { name: 'line that is wrong', line: (i) => `page views:${i}|c` },
];

for (const { name, line } of KINDS) {
  for (const linesPerPacket of [1, 25]) {
    const setting = openPackets({ timerBuckets: { kind: 'exponential', maxBuckets: 160 }, maxSeries: 500 });
    const packets: Buffer[] = [];
    for (let i = 0; i < LINES; i += linesPerPacket) {
      packets.push(Buffer.from(Array.from({ length: linesPerPacket }, (_, j) => line(i + j)).join('\n')));
    }
    measure(`${name}, ${linesPerPacket} a packet`, LINES * ROUNDS, () => {
      for (let round = 0; round < ROUNDS; round++) for (const packet of packets) setting.takeBytes(packet);
    });
  }
}

// All of it, sender included: what a packet takes of the CPU in both directions.
const receiver = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
receiver.bind(0, '127.0.0.1');
await once(receiver, 'listening');
const sender = createSocket('udp4');
await new Promise<void>((resolve) => sender.connect(receiver.address().port, '127.0.0.1', resolve));
const setting = openPackets();
for (const { what, take } of [
  { what: 'nothing done with it', take: () => {} },
  { what: 'taken', take: (packet: Buffer) => setting.takeBytes(packet) },
]) {
  let received = 0;
  const count = (packet: Buffer): void => {
    received++;
    take(packet);
  };
  receiver.on('message', count);
  const total = 200_000;
  const packet = Buffer.from(KINDS[1]!.line(1));
  const before = process.cpuUsage();
  for (let sent = 0; sent < total; sent += 200) {
    for (let i = 0; i < 200; i++) sender.send(packet);
    await new Promise(setImmediate);
  }
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(
    `${`packet of a line by UDP, sent and ${what}`.padEnd(56)} ${(((user + system) * 1000) / total).toFixed(0).padStart(6)} ns of CPU, ${received} of ${total} came\n`,
  );
  receiver.off('message', count);
}
receiver.close();
sender.close();

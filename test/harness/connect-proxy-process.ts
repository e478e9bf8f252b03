import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/**
 * An HTTP proxy as a process of its own: `node connect-proxy-process.ts [user:password]`. Every host, whatever its name,
 * is a port of this machine. Prints its port, then a line for each request: `CONNECT host:port` or `POST http://…`.
 */
const [credentials] = process.argv.slice(2);
const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;

const server = createServer((incoming, response) => {
  process.stdout.write(`${incoming.method} ${incoming.url}\n`);
  if (wanted && incoming.headers['proxy-authorization'] !== wanted) {
    response.writeHead(407).end();
    return;
  }
  const { port, pathname } = new URL(incoming.url ?? '');
  const { method, headers } = incoming;
  const onward = request({ host: '127.0.0.1', port, path: pathname, method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.writeHead(502).end());
  incoming.pipe(onward);
});

server.on('connect', (incoming, socket) => {
  process.stdout.write(`CONNECT ${incoming.url}\n`);
  socket.on('error', () => {});
  if (wanted && incoming.headers['proxy-authorization'] !== wanted) {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    return;
  }
  const onward = connect(Number(incoming.url?.split(':').pop()), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    onward.pipe(socket).pipe(onward);
  });
  onward.on('error', () => socket.destroy());
});

server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));

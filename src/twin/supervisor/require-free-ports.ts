/** Looks for taken ports before anything starts, so that one message names them all. */

import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { LOOPBACK, type TwinPorts } from '../control/addresses.ts';
import { TwinStartError } from '../twin-start-error.ts';

/** Rejects with `TwinStartError` that names every port that is taken and what it was for. */
export async function requireFreePorts(ports: TwinPorts): Promise<void> {
  const wanted: readonly (readonly [string, number, 'tcp' | 'udp'])[] = [
    ['the global entry', ports.entry, 'tcp'],
    ...Object.entries(ports.regions).map(([region, port]) => [region, port, 'tcp'] as const),
    ['the AWS endpoint', ports.aws, 'tcp'],
    ['the control API', ports.control, 'tcp'],
    ['DNS', ports.dns, 'udp'],
    ['DNS', ports.dns, 'tcp'],
  ];
  const taken: string[] = [];
  for (const [what, port, protocol] of wanted) {
    if (!(await isFree(port, protocol))) taken.push(`${port}/${protocol} (${what})`);
  }
  if (taken.length > 0) {
    throw new TwinStartError(
      `taken on ${LOOPBACK}: ${taken.join(', ')}; stop what listens there, or start with --port N`,
    );
  }
}

function isFree(port: number, protocol: 'tcp' | 'udp'): Promise<boolean> {
  return new Promise((resolve) => {
    if (protocol === 'tcp') {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
      return;
    }
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind(port, LOOPBACK, () => socket.close(() => resolve(true)));
  });
}

/** Asks the twin's DNS server with an independent implementation of the wire format. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import type { RunningTwin } from '../../support/running-twin.ts';

interface Answer {
  readonly answers: readonly {
    readonly name: string;
    readonly type: string;
    readonly ttl: number;
    readonly data: unknown;
  }[];
}

/** It comes without types. */
const dnsPacket = createRequire(import.meta.url)('dns-packet') as {
  encode(packet: object): Buffer;
  decode(message: Buffer): Answer;
  streamEncode(packet: object): Buffer;
  streamDecode(message: Buffer): Answer;
};

const TIMEOUT_MS = 5_000;

export async function askUdp(twin: RunningTwin, name: string, type: string): Promise<Answer> {
  const socket = createSocket('udp4');
  try {
    socket.send(dnsPacket.encode(query(name, type)), portOf(twin), '127.0.0.1');
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const [reply] = (await once(socket, 'message', { signal })) as [Buffer];
    return dnsPacket.decode(reply);
  } finally {
    socket.close();
  }
}

export async function askTcp(twin: RunningTwin, name: string, type: string): Promise<Answer> {
  const socket = connect(portOf(twin), '127.0.0.1');
  try {
    socket.write(dnsPacket.streamEncode(query(name, type)));
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const [reply] = (await once(socket, 'data', { signal })) as [Buffer];
    return dnsPacket.streamDecode(reply);
  } finally {
    socket.destroy();
  }
}

/** Region that the name leads to: what its TXT record says. */
export async function regionOf(twin: RunningTwin, name: string): Promise<string> {
  const { answers } = await askUdp(twin, name, 'TXT');
  const text = String(answers.at(-1)?.data);
  return /^region=(\S+) port=\d+$/.exec(text)?.[1] ?? text;
}

function query(name: string, type: string): object {
  return { type: 'query', id: 4_711, questions: [{ type, name }] };
}

function portOf(twin: RunningTwin): number {
  return Number(twin.addresses.dns.split(':')[1]);
}

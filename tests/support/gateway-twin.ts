/** A real twin that charges a real gateway: the reference gateway, in the test's own process. */

import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inject } from 'vitest';
import { ENVIRONMENT } from '#contract/names.ts';
import {
  type EffectHook,
  type ReferenceGateway,
  startReferenceGateway,
} from '#gateway/reference-gateway.ts';
import { editTemplate, type Resource } from './prepared-assembly.ts';
import { REGIONS, type RunningTwin, startTwinProcess } from './running-twin.ts';

export type Moment = 'before' | 'after';

export interface GatewayTwin {
  readonly twin: RunningTwin;
  readonly gateway: ReferenceGateway;
  /**
   * Strikes at the next request of this method, once: `before` the gateway sees it, or `after` it has
   * answered. Whoever asked hears nothing.
   */
  strikeAt(method: 'GET' | 'POST', moment: Moment, strike: () => Promise<void>): void;
  /** Whether anybody listens at the gateway's address. What the gateway knows stays as it is. */
  setReachable(isReachable: boolean): Promise<void>;
  stop(): Promise<void>;
}

interface Strike {
  readonly method: string;
  readonly moment: Moment;
  readonly run: () => Promise<void>;
}

/**
 * Boots both Regions with the HTTP gateway. `beforeEffect`: see the reference gateway. `schedules`: whether sweepers and
 * orchestrators run by the clock.
 */
export async function startGatewayTwin(
  beforeEffect?: EffectHook,
  schedules: 'on' | 'off' = 'on',
): Promise<GatewayTwin> {
  const gateway = await startReferenceGateway({
    port: 0,
    clock: { nowEpochMs: Date.now },
    random: Math.random,
    ...(beforeEffect === undefined ? {} : { beforeEffect }),
  });
  let strike: Strike | null = null;
  const take = (request: IncomingMessage, moment: Moment): Strike | null => {
    const taken = strike?.method === request.method && strike?.moment === moment ? strike : null;
    if (taken !== null) strike = null;
    return taken;
  };
  const front = createServer((request, response) => {
    pass(request, response, gateway.url, take).catch(() => response.destroy());
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const { port } = front.address() as AddressInfo;

  const assembly = mkdtempSync(join(tmpdir(), 'holdfast-gateway-'));
  cpSync(inject('gatewayAssembly'), assembly, { recursive: true });
  for (const region of REGIONS) {
    chargeAt(assembly, region, `http://127.0.0.1:${port}`);
    if (schedules === 'off') stopSchedules(assembly, region);
  }
  const twin = await startTwinProcess({ synthesize: true, args: ['--assembly', assembly] });

  const silence = async (): Promise<void> => {
    if (!front.listening) return;
    const closed = once(front, 'close');
    front.close();
    front.closeAllConnections();
    await closed;
  };
  return {
    twin,
    gateway,
    strikeAt: (method, moment, run) => {
      strike = { method, moment, run };
    },
    setReachable: async (isReachable) => {
      if (!isReachable) return silence();
      if (front.listening) return;
      front.listen(port, '127.0.0.1');
      await once(front, 'listening');
    },
    stop: async () => {
      await twin.stop();
      await silence();
      await gateway.close();
      rmSync(assembly, { recursive: true, force: true });
    },
  };
}

/** Passes a request on to the gateway, unless it is struck. */
async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  gatewayUrl: string,
  take: (request: IncomingMessage, moment: Moment) => Strike | null,
): Promise<void> {
  const struckBefore = take(request, 'before');
  if (struckBefore !== null) {
    await struckBefore.run();
    response.destroy();
    return;
  }
  const body: Buffer[] = [];
  for await (const chunk of request) body.push(chunk as Buffer);
  const headers = new Headers();
  for (const name of ['authorization', 'content-type', 'idempotency-key']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const answer = await fetch(`${gatewayUrl}${request.url}`, {
    method: request.method ?? 'GET',
    headers,
    ...(request.method === 'POST' ? { body: Buffer.concat(body) } : {}),
  });
  const text = await answer.text();
  const struckAfter = take(request, 'after');
  if (struckAfter !== null) {
    await struckAfter.run();
    response.destroy();
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(text);
}

/** Puts the gateway's address into the functions of one Region. */
function chargeAt(assembly: string, region: string, url: string): void {
  editTemplate(assembly, region, (resources) => {
    for (const { Type, Properties } of Object.values(resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
      if (ENVIRONMENT.gatewayUrl in Variables) Variables[ENVIRONMENT.gatewayUrl] = url;
    }
  });
}

/** Nothing runs by the clock, neither sweepers nor orchestrators, nor because an alarm says that they don't. */
function stopSchedules(assembly: string, region: string): void {
  let stopped = 0;
  const stop = (resources: Record<string, Resource>): void => {
    for (const { Type, Properties } of Object.values(resources)) {
      if (Type === 'AWS::Events::Rule') {
        Properties['State'] = 'DISABLED';
        stopped += 1;
      }
      if (ALARM_TYPES.includes(Type)) Properties['ActionsEnabled'] = false;
    }
  };
  editTemplate(assembly, region, stop);
  editTemplate(assembly, region, stop, 'TapStackFailover');
  if (stopped !== SCHEDULES) throw new Error(`${region}: ${stopped} schedules, not ${SCHEDULES}`);
}

/** Of a Region: its sweeper's and its orchestrator's. */
const SCHEDULES = 2;
const ALARM_TYPES = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];

/** Invokes a function and waits for it, as an operator would; returns its answer. */
export async function invoke(twin: RunningTwin, region: string, name: string): Promise<unknown> {
  const scope = `operator/20300101/${region}/lambda/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  const url = `${twin.addresses.aws}/2015-03-31/functions/${name}/invocations`;
  const response = await fetch(url, { method: 'POST', headers: { authorization }, body: '{}' });
  const answer: unknown = await response.json();
  if (response.status !== 200 || response.headers.has('x-amz-function-error')) {
    throw new Error(`${name} in ${region}: ${response.status} ${JSON.stringify(answer)}`);
  }
  return answer;
}

/** What a sweep by hand answers; null would mean that a scheduled one was under way. */
export interface SweptByHand {
  readonly backlog: unknown;
  readonly sweep: object;
}

/** Sweeps in one Region, as an operator would; again while a scheduled sweep is under way there. */
export async function sweepByHand(twin: RunningTwin, region: string): Promise<SweptByHand> {
  for (;;) {
    const answer = (await invoke(twin, region, 'payment-sweeper-dev')) as Partial<SweptByHand>;
    const { backlog, sweep } = answer;
    if (sweep !== null && sweep !== undefined) return { backlog, sweep };
    await setTimeout(100);
  }
}

/** A twin as the target of a drill: its control API, and the operators' verbs as an operator runs them. */

import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { DrillTarget, Operation, OperatorVerb, TargetFacts } from '#ops/drill/drill-target.ts';
import type { TwinStatus } from '#twin/control/twin-status.ts';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import { renderFault } from './render-fault.ts';
import type { TwinClient } from './twin-client.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
/** A verb waits until traffic has moved; one that takes longer than this hangs. */
const VERB_TIMEOUT_MS = 180_000;
/** Of what a verb printed, as much as a line of an error may show. */
const SHOWN_MAX = 400;

/** Throws `CliError` (usage) for a twin that has not two Regions. */
export function createDrillTarget(
  client: TwinClient,
  status: TwinStatus,
  isOwn: boolean,
): DrillTarget {
  const facts = factsOf(status, isOwn);
  return {
    facts,
    async snapshot() {
      const { regions, witness } = await client.status();
      const faults = [...regions.flatMap((one) => one.faults), ...(witness?.faults ?? [])];
      return {
        regions: regions.map(({ name, condition, health }) => ({
          ...{ name, condition },
          checkHealthy: health.status === 'healthy',
        })),
        faults: faults.map((fault) => `${fault.region}: ${renderFault(fault)}`),
      };
    },
    async inject(fault) {
      await client.inject(fault);
    },
    async heal() {
      await client.heal();
    },
    operate: (verb) => runVerb(verb, status.addresses.control),
  };
}

function factsOf(status: TwinStatus, isOwn: boolean): TargetFacts {
  const { addresses, profile, suffix, versions, routing } = status;
  const [primary, secondary, ...more] = status.regions.map(({ name }) => name);
  if (primary === undefined || secondary === undefined || more.length > 0) {
    throw new CliError(EXIT.usage, 'a drill needs a twin with two Regions; start one: npm start');
  }
  const [address = '', port = ''] = addresses.dns.split(':');
  return {
    name: `twin at ${addresses.control}`,
    ...{ profile, suffix, versions, isOwn },
    regions: [primary, secondary],
    apiUrls: addresses.regions,
    awsEndpoint: addresses.aws,
    dns: { address, port: Number(port) },
    apiName: routing.name,
  };
}

/** The command line of a verb, after `node`. Pure. */
export function verbArguments(verb: OperatorVerb, control: string): readonly string[] {
  return [
    join(ROOT, 'bin', 'holdfast.mjs'),
    verb.verb,
    ...(verb.verb === 'failover' ? ['--to', verb.to] : []),
    ...['--reason', 'drill', '--json', '--twin', control],
  ];
}

/** In a process of its own: what an operator types is what is drilled. */
function runVerb(verb: OperatorVerb, control: string): Promise<Operation> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [...verbArguments(verb, control)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: VERB_TIMEOUT_MS,
      env: { ...process.env, NO_COLOR: '1' },
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
    child.once('error', fail);
    child.once('close', (code) => {
      const lines = stderr.trim().split('\n');
      const said = (lines.at(-1) ?? '').replace(/^holdfast: /, '').slice(0, SHOWN_MAX);
      if (code === EXIT.done) done({ kind: 'done' });
      else if (code === EXIT.refused) done({ kind: 'refused', reason: said });
      else fail(new CliError(EXIT.fault, `holdfast ${verb.verb} failed (exit ${code}): ${said}`));
    });
  });
}

/** Bundles the functions and synthesizes the templates that a twin boots from. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { BUILT_IN_NAME, BUILT_IN_ZONE } from '#twin/routing/built-in-routing.ts';
import type { RoutingProfileName } from '#twin/routing/routing-profile.ts';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import type { Access, Consistency } from './start-options.ts';

export interface AssemblyRequest {
  /** Absolute path of the checkout. */
  readonly root: string;
  /** Absolute path of the assembly's folder; created if absent. */
  readonly outDir: string;
  readonly suffix: string;
  readonly access: Access;
  readonly consistency: Consistency;
  /** Base URL of the payment gateway, or null for the one that only records. */
  readonly gatewayUrl: string | null;
  readonly profile: RoutingProfileName;
  readonly report: (message: string) => void;
}

/**
 * The domain of a twin's deployment: the name that its DNS server has anyway. Nobody looks the zone up
 * by its id, because nothing is deployed.
 */
export const TWIN_DOMAIN_CONTEXT = {
  domainName: BUILT_IN_NAME,
  hostedZoneName: BUILT_IN_ZONE,
  hostedZoneId: 'Z0TWIN',
} as const;

/**
 * The orchestrator's intervals, seconds, by profile: with `aws` the deployment's defaults. Where checks and
 * alarms run some ten times as fast as on AWS, those would make it the last to notice anything.
 */
export const PROFILE_CONTEXT: Readonly<
  Record<RoutingProfileName, Readonly<Record<string, string>>>
> = {
  fast: {
    failoverProbeSeconds: '1',
    // Schedules come every 5 s: as long may pass between two watches.
    failoverSilenceSeconds: '10',
    failoverCooldownSeconds: '30',
    failbackSoakSeconds: '15',
  },
  aws: {},
};

/**
 * Runs the project's own build and synthesis, the same two that a deployment runs, each in a process
 * of its own: neither esbuild nor the CDK stays in memory with the twin.
 *
 * Rejects with `CliError` that carries what the failing one printed.
 */
export async function prepareAssembly(request: AssemblyRequest): Promise<void> {
  const { root, report } = request;
  report('bundling the functions');
  await run(root, 'the bundles', [join(root, 'scripts', 'bundle-functions.ts')]);
  report('synthesizing the templates of both Regions');
  await run(root, 'the synthesis', synthesisArguments(request));
}

/** The command line of the synthesis, after `node`. Pure. */
export function synthesisArguments(request: Omit<AssemblyRequest, 'report'>): string[] {
  const { root, outDir, suffix, access, consistency, gatewayUrl, profile } = request;
  const context = {
    environmentSuffix: suffix,
    apiAccess: access,
    consistency,
    ...TWIN_DOMAIN_CONTEXT,
    ...PROFILE_CONTEXT[profile],
    ...(gatewayUrl === null ? {} : { gateway: 'http', gatewayUrl }),
  };
  return [
    join(root, 'src', 'infra', 'app.ts'),
    ...Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    '--output',
    outDir,
  ];
}

function run(root: string, what: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      // The CDK's own validation of templates is most of a synthesis. Deployments and the template
      // tests run it; it changes nothing in what is written.
      env: { ...process.env, CDK_VALIDATION: 'false' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk));
    child.on('error', (error) =>
      reject(new CliError(EXIT.fault, `${what} can't run: ${error.message}`)),
    );
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new CliError(EXIT.fault, `${what} failed (exit ${code}):\n${output.trimEnd()}`));
    });
  });
}

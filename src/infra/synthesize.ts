/** Builds the CDK app of a configuration and writes its cloud assembly. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import recommendedFeatureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with {
  type: 'json',
};
import { FUNCTION_JOBS } from '#contract/names.ts';
import { jsonSchemaOf } from '#contract/schemas.ts';
import { ChaosStack } from './chaos-stack.ts';
import type { Configuration } from './configuration.ts';
import { FailoverStack } from './failover-stack.ts';
import { RoutingStack } from './routing-stack.ts';
import { TapStack } from './tap-stack.ts';

export interface SynthesisOptions {
  /** Folder of the cloud assembly; created if absent. */
  readonly outDir: string;
  /** Folder with the bundles, `<job>/index.mjs`. */
  readonly functionsDir: string;
  /** AWS account, 12 digits; absent: templates that fit any account. */
  readonly account?: string;
}

/** Thrown when a function has no bundle. */
export class MissingBundleError extends Error {
  override readonly name = 'MissingBundleError';
}

const ROLES = ['primary', 'secondary'] as const;

/**
 * Builds the app: the primary Region's `TapStack` and, after it, the secondary's; where they are asked for, each Region's
 * names; after all of these, in each Region what moves traffic, because an orchestrator that can't find a Region by its
 * name takes it for one that nobody reaches; and where they are asked for, its experiments.
 *
 * Needs no network and no credentials. Throws `MissingBundleError` when a function is not bundled.
 */
export function buildApp(configuration: Configuration, options: SynthesisOptions): App {
  requireBundles(options.functionsDir);
  const app = new App({
    outdir: options.outDir,
    analyticsReporting: false,
    autoSynth: false,
    // The file that the CDK command reads would not be seen by a run without it, and both must
    // write the same templates.
    postCliContext: recommendedFeatureFlags,
  });
  const common = {
    configuration,
    functionsDir: options.functionsDir,
    schemaOf: jsonSchemaOf,
    ...(options.account === undefined ? {} : { account: options.account }),
  };
  const taps = ROLES.map((role) => new TapStack(app, { ...common, role })) as [TapStack, TapStack];
  const [primary, secondary] = taps;
  // The replica of the table must exist before the secondary's functions are told of it.
  secondary.addStackDependency(primary, 'the primary owns the global table');
  const { domain } = configuration;
  const routings =
    domain === null ? [] : ROLES.map((role) => new RoutingStack(app, { ...common, role, domain }));
  for (const [index, tap] of taps.entries()) {
    routings[index]?.addStackDependency(tap, "the names lead to this Region's API");
  }
  for (const [index, role] of ROLES.entries()) {
    const failover = new FailoverStack(app, { ...common, role });
    for (const tap of taps) {
      failover.addStackDependency(tap, "it subscribes to both Regions' alarms");
    }
    for (const routing of routings) {
      failover.addStackDependency(routing, 'it probes both Regions by their names, from the start');
    }
    const own = taps[index];
    if (own === undefined || !configuration.chaos) continue;
    const chaos = new ChaosStack(app, { ...common, role });
    chaos.addStackDependency(own, "it works on this Region's tables");
  }
  return app;
}

/** Builds the app and writes its cloud assembly to `options.outDir`. Throws as `buildApp` does. */
export function synthesize(configuration: Configuration, options: SynthesisOptions): CloudAssembly {
  return buildApp(configuration, options).synth();
}

function requireBundles(functionsDir: string): void {
  const missing = FUNCTION_JOBS.map((job) => join(functionsDir, job, 'index.mjs')).filter(
    (path) => !existsSync(path),
  );
  if (missing.length > 0) {
    throw new MissingBundleError(
      `Functions are not bundled; run "npm run build". Missing:\n${missing.map((path) => `  - ${path}`).join('\n')}`,
    );
  }
}

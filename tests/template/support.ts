/** Synthesizes configurations for the template tests: each once, with bundles that are one line. */

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { FUNCTION_JOBS } from '#contract/names.ts';
import { type Configuration, readConfiguration } from '#infra/configuration.ts';
import { synthesize } from '#infra/synthesize.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface Resource {
  readonly Type: string;
  readonly Properties: JsonObject;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<
    Record<string, { readonly Value: Json; readonly Export?: { readonly Name: string } }>
  >;
}

export interface Synthesized {
  readonly configuration: Configuration;
  readonly outDir: string;
  /** `TapStack` of the primary Region, and of the secondary. */
  readonly primary: Template;
  readonly secondary: Template;
  /** Absolute paths of every stack's template, the primary's `TapStack` first. */
  readonly templatePaths: readonly string[];
  /** Both Regions, for tests that hold in each. */
  readonly regions: readonly RegionTemplates[];
}

export interface RegionTemplates {
  readonly region: string;
  /** `TapStack`. */
  readonly template: Template;
  /** `TapStackFailover`. */
  readonly failover: Template;
  /** `TapStackRouting`; null without a domain. */
  readonly routing: Template | null;
  /** `TapStackChaos`; null unless it is asked for. */
  readonly chaos: Template | null;
}

/** A domain, as the routing stacks need it. */
export const DOMAIN = {
  domainName: 'api.example.com',
  hostedZoneName: 'example.com',
  hostedZoneId: 'Z0123456789ABC',
};

const root = inject('scratch');
const done = new Map<string, Synthesized>();

/** A folder of its own below one that is removed at the end. */
export function scratchFolder(): string {
  return mkdtempSync(join(root, 'scratch-'));
}

/** A folder with a bundle for each function, but for the jobs in `except`. */
export function fakeBundles(except: readonly string[] = []): string {
  const folder = scratchFolder();
  for (const job of FUNCTION_JOBS) {
    if (except.includes(job)) continue;
    mkdirSync(join(folder, job));
    writeFileSync(join(folder, job, 'index.mjs'), `export const handler = async () => '${job}';\n`);
  }
  return folder;
}

/** The templates of a configuration; the same object for the same context. */
export function synthesized(context: Readonly<Record<string, unknown>> = {}): Synthesized {
  const key = JSON.stringify(context);
  const known = done.get(key);
  if (known !== undefined) return known;
  const configuration = readConfiguration(context);
  const outDir = scratchFolder();
  synthesize(configuration, { outDir, functionsDir: fakeBundles() });
  const { primaryRegion, secondaryRegion, domain } = configuration;
  const templatePaths: string[] = [];
  const read = (stack: string, region: string): Template => {
    const path = join(outDir, `${stack}-${region}.template.json`);
    templatePaths.push(path);
    return JSON.parse(readFileSync(path, 'utf8')) as Template;
  };
  const regions = [primaryRegion, secondaryRegion].map((region) => ({
    region,
    template: read('TapStack', region),
    failover: read('TapStackFailover', region),
    routing: domain === null ? null : read('TapStackRouting', region),
    chaos: configuration.chaos ? read('TapStackChaos', region) : null,
  })) as [RegionTemplates, RegionTemplates];
  const result: Synthesized = {
    configuration,
    outDir,
    primary: regions[0].template,
    secondary: regions[1].template,
    templatePaths,
    regions,
  };
  done.set(key, result);
  return result;
}

/** Resources of a CloudFormation type, with their logical ids. */
export function resourcesOf(
  template: Template,
  type: string,
): readonly (Resource & { readonly logicalId: string })[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([logicalId, resource]) => ({ logicalId, ...resource }));
}

/** The one resource of a type whose `property` has `value`. Throws when there is none or several. */
export function resourceNamed(
  template: Template,
  type: string,
  property: string,
  value: string,
): Resource & { readonly logicalId: string } {
  const found = resourcesOf(template, type).filter((it) => it.Properties[property] === value);
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new Error(`${found.length} resources of type ${type} with ${property} ${value}`);
  }
  return only;
}

/**
 * A value with its intrinsic functions written out as text, `${LogicalId}` for a reference and
 * `${LogicalId.Attribute}` for an attribute, so that ARNs can be compared as strings.
 */
export function flat(value: Json | undefined): Json {
  if (value === undefined) throw new Error('no such property');
  if (Array.isArray(value)) return value.map((item: Json) => flat(item));
  if (value === null || typeof value !== 'object') return value;
  const object = value as JsonObject;
  const [[name, operand] = ['', null]] = Object.entries(object);
  if (Object.keys(object).length === 1) {
    if (name === 'Ref') return `\${${operand as string}}`;
    if (name === 'Fn::GetAtt') return `\${${(operand as readonly string[]).join('.')}}`;
    if (name === 'Fn::Join') {
      const [separator, parts] = operand as readonly [string, readonly Json[]];
      return parts.map((part) => textOf(part)).join(separator);
    }
  }
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, flat(item)]));
}

/** A value that must be text once its intrinsic functions are written out. */
export function textOf(value: Json | undefined): string {
  const text = flat(value);
  if (typeof text !== 'string') throw new Error(`expected text, got ${JSON.stringify(text)}`);
  return text;
}

/** A list, whether the template states it as one or as a single value. */
export function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value as Json];
}

/** What the configuration accepts, and what it says of what it rejects. */

import { describe, expect, test } from 'vitest';
import { ConfigurationError, readConfiguration } from '#infra/configuration.ts';
import { DOMAIN } from './support.ts';

function problemsOf(context: Record<string, unknown>): readonly string[] {
  try {
    readConfiguration(context);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('defaults', () => {
  test('are the production shape: strong, protected, with IAM', () => {
    expect(readConfiguration({})).toEqual({
      environmentSuffix: 'dev',
      consistency: 'strong',
      primaryRegion: 'us-east-1',
      secondaryRegion: 'us-east-2',
      witnessRegion: 'us-west-2',
      throwAway: false,
      apiAccess: 'iam',
      apiDataTrace: false,
      apiGatewayAccountRole: false,
      gateway: 'recording',
      gatewayUrl: null,
      concurrency: 'reserved',
      timeToLiveAttribute: null,
      domain: null,
      dnsTtlSeconds: 30,
      routing: 'active-passive',
      failback: 'manual',
      failoverProbeSeconds: 10,
      failoverSilenceSeconds: 60,
      failoverCooldownSeconds: 300,
      failbackSoakSeconds: 1800,
      chaos: false,
      warnings: [],
    });
  });

  test("leave the CDK's own context keys alone", () => {
    expect(
      problemsOf({
        'aws:cdk:enable-path-metadata': true,
        '@aws-cdk/core:checkSecretUsage': true,
        'availability-zones:account=123456789012:region=us-east-1': ['us-east-1a'],
        'cli-telemetry': false,
      }),
    ).toEqual([]);
  });
});

describe('environmentSuffix', () => {
  test.each(['a', 'dev', 'pr123', 'blue-green', 'a'.repeat(20)])('accepts %s', (suffix) => {
    expect(readConfiguration({ environmentSuffix: suffix }).environmentSuffix).toBe(suffix);
  });

  test.each(['', 'Dev', 'a_b', '-a', 'a-', 'ä', 'a b', 'a'.repeat(21), 'dev\n'])(
    'rejects %j',
    (suffix) => {
      expect(problemsOf({ environmentSuffix: suffix })).toEqual([
        `environmentSuffix ${JSON.stringify(suffix)}: use 1 to 20 characters of a-z, 0-9 and hyphens, with no hyphen at either end.`,
      ]);
    },
  );

  test('rejects a value that is no string', () => {
    expect(problemsOf({ environmentSuffix: 7 })).toEqual(['environmentSuffix 7: give a string.']);
  });
});

// The control table is strongly consistent whatever the payments table is.
describe.each(['strong', 'eventual'])('Regions with %s consistency', (consistency) => {
  test.each([
    ['us-east-2', 'us-east-1', 'us-west-2'],
    ['us-west-2', 'us-east-1', 'us-east-2'],
    ['eu-west-1', 'eu-central-1', 'eu-west-3'],
    ['ap-northeast-1', 'ap-northeast-3', 'ap-northeast-2'],
  ])('accepts %s and %s with witness %s', (primaryRegion, secondaryRegion, witnessRegion) => {
    const regions = { consistency, primaryRegion, secondaryRegion, witnessRegion };
    expect(readConfiguration(regions)).toMatchObject(regions);
  });

  test.each([
    ['rejects sets that mix', ['us-east-1', 'eu-west-1', 'us-west-2']],
    ['rejects a Region outside the sets', ['us-east-1', 'us-east-2', 'us-west-1']],
    ['rejects a Region that does not exist', ['us-east-9', 'us-east-2', 'us-west-2']],
  ])('%s', (_, [primaryRegion, secondaryRegion, witnessRegion]) => {
    const problems = problemsOf({ consistency, primaryRegion, secondaryRegion, witnessRegion });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^primaryRegion ".+", secondaryRegion ".+", witnessRegion ".+": /);
    expect(problems[0]).toContain('three different Regions of one set: us-east-1, us-east-2');
    expect(problems[0]).toMatch(/Choose those\.$/);
  });

  test.each(['us-east-1', 'us-east-2'])('rejects the witness beside a replica in %s', (witness) => {
    expect(problemsOf({ consistency, witnessRegion: witness })).toEqual([
      `witnessRegion "${witness}": it is a replica's Region; the witness must be in a third one.`,
    ]);
  });

  test('rejects both replicas in one Region', () => {
    expect(problemsOf({ consistency, secondaryRegion: 'us-east-1' })).toEqual([
      `secondaryRegion "us-east-1": it is the primary's too; a Region that fails would take both replicas along.`,
    ]);
  });
});

describe('time to live', () => {
  test('rejects it with strong consistency', () => {
    expect(problemsOf({ timeToLiveAttribute: 'expires_at' })).toEqual([
      'timeToLiveAttribute "expires_at": a table with strong consistency has no time to live; leave it out, or use consistency=eventual.',
    ]);
  });

  test('accepts it with eventual consistency', () => {
    expect(
      readConfiguration({ consistency: 'eventual', timeToLiveAttribute: 'expires_at' }),
    ).toMatchObject({ witnessRegion: 'us-west-2', timeToLiveAttribute: 'expires_at' });
  });

  test.each([
    ['timestamp', 'it is a key'],
    ['due_at', 'it is a key'],
    ['', 'use 1 to 255 characters'],
    ['x'.repeat(256), 'use 1 to 255 characters'],
  ])('rejects the attribute %j', (timeToLiveAttribute, reason) => {
    const problems = problemsOf({ consistency: 'eventual', timeToLiveAttribute });
    expect(problems).toEqual([
      expect.stringContaining(
        `timeToLiveAttribute ${JSON.stringify(timeToLiveAttribute)}: ${reason}`,
      ),
    ]);
  });
});

describe('the payment gateway', () => {
  test.each(['https://gateway.example.com/v1', 'http://127.0.0.1:8090'])('accepts %s', (url) => {
    expect(readConfiguration({ gateway: 'http', gatewayUrl: url })).toMatchObject({
      gateway: 'http',
      gatewayUrl: url,
    });
  });

  test.each([
    [{ gateway: 'stripe' }, 'gateway "stripe": use recording or http.'],
    [{ gateway: 'http' }, 'gatewayUrl: gateway=http needs the base URL of the payment gateway.'],
    [
      { gatewayUrl: 'https://gateway.example.com' },
      'gatewayUrl "https://gateway.example.com": only gateway=http has one; set that, or leave it out.',
    ],
    [
      { gateway: 'http', gatewayUrl: 'http://gateway.example.com' },
      'gatewayUrl "http://gateway.example.com": use https; plain http is for a gateway on this machine only.',
    ],
    [
      { gateway: 'http', gatewayUrl: 'gateway.example.com' },
      'gatewayUrl "gateway.example.com": use a URL such as https://gateway.example.com/v1.',
    ],
    [
      { gateway: 'http', gatewayUrl: 'https://me:word@gateway.example.com' },
      'gatewayUrl: leave the credentials out; the secret is read from Secrets Manager.',
    ],
  ])('rejects %j', (context, problem) => {
    expect(problemsOf(context)).toEqual([problem]);
  });
});

describe('switches', () => {
  test.each([
    [true, true],
    ['true', true],
    [false, false],
    ['false', false],
  ])('reads throwAway %j', (value, expected) => {
    expect(readConfiguration({ throwAway: value }).throwAway).toBe(expected);
  });

  test.each([
    [{ throwAway: 'yes' }, 'throwAway "yes": use true or false.'],
    [{ apiDataTrace: 1 }, 'apiDataTrace 1: use true or false.'],
    [{ apiGatewayAccountRole: '' }, 'apiGatewayAccountRole "": use true or false.'],
    [{ apiAccess: 'none' }, 'apiAccess "none": use iam or open.'],
    [{ consistency: 'Strong' }, 'consistency "Strong": use strong or eventual.'],
    [{ concurrency: 'none' }, 'concurrency "none": use reserved or shared.'],
    [{ concurrency: 100 }, 'concurrency 100: use reserved or shared.'],
  ])('rejects %j', (context, problem) => {
    expect(problemsOf(context)).toEqual([problem]);
  });

  test.each(['prod', 'production'])('rejects what weakens environment %s', (suffix) => {
    const problems = problemsOf({
      environmentSuffix: suffix,
      throwAway: true,
      apiAccess: 'open',
      gateway: 'http',
      gatewayUrl: 'http://127.0.0.1:8090',
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'gatewayUrl',
      'throwAway "true"',
      'apiAccess "open"',
    ]);
  });

  test.each(['dev', 'prod'])('allow eventual consistency in %s, with a warning', (suffix) => {
    const { consistency, warnings } = readConfiguration({
      environmentSuffix: suffix,
      consistency: 'eventual',
      gateway: 'http',
      gatewayUrl: 'https://pay.example.com',
    });
    expect(consistency).toBe('eventual');
    expect(warnings).toEqual([
      expect.stringMatching(/^consistency=eventual: .*holdfast reconcile/),
    ]);
  });

  test('let a production share its concurrency, with a warning: its quota may not allow more', () => {
    const { concurrency, warnings } = readConfiguration({
      environmentSuffix: 'prod',
      concurrency: 'shared',
      gateway: 'http',
      gatewayUrl: 'https://pay.example.com',
    });
    expect(concurrency).toBe('shared');
    expect(warnings).toEqual([expect.stringMatching(/^concurrency=shared: .*orchestrator/)]);
  });

  test('a domain with signed calls warns that a signature holds in one Region', () => {
    expect(readConfiguration(DOMAIN).warnings).toEqual([
      expect.stringMatching(/^domainName with apiAccess=iam: .*refused \(403\).*SigV4A/),
    ]);
    expect(readConfiguration({ ...DOMAIN, apiAccess: 'open' }).warnings).not.toContain(
      expect.stringContaining('domainName'),
    );
  });

  test('warn of a production that moves no money', () => {
    const { warnings } = readConfiguration({ environmentSuffix: 'prod' });
    expect(warnings).toEqual([expect.stringMatching(/^gateway=recording: .*no money moves/)]);
  });

  test('warn of what each gives up', () => {
    const { warnings } = readConfiguration({
      consistency: 'eventual',
      throwAway: true,
      apiAccess: 'open',
      apiDataTrace: true,
      apiGatewayAccountRole: true,
      concurrency: 'shared',
      chaos: true,
    });
    expect(warnings.map((warning) => warning.split(':')[0])).toEqual([
      'consistency=eventual',
      'throwAway=true',
      'apiAccess=open',
      'apiDataTrace=true',
      'apiGatewayAccountRole=true',
      'concurrency=shared',
      'chaos=true',
    ]);
  });
});

describe('keys', () => {
  test.each([
    ['environmentsuffix', 'environmentSuffix'],
    ['environment-suffix', 'environmentSuffix'],
    ['consistancy', 'consistency'],
    ['witnesRegion', 'witnessRegion'],
    ['throwaway', 'throwAway'],
    ['apiAcces', 'apiAccess'],
    ['domainname', 'domainName'],
    ['failBack', 'failback'],
    ['concurency', 'concurrency'],
  ])('rejects %s and names %s', (key, meant) => {
    expect(problemsOf({ [key]: 'x' })).toEqual([`${key}: no such key; did you mean ${meant}?`]);
  });

  test('report every problem at once, with a line for each', () => {
    const context = { environmentSuffix: 'X', throwAway: 'maybe', consistancy: 'strong' };
    expect(problemsOf(context)).toHaveLength(3);
    expect(() => readConfiguration(context)).toThrow(
      /^The configuration cannot be deployed:(\n {2}- .+){3}$/,
    );
  });
});

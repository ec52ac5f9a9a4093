/** The configuration's keys of domain, routing and failover. */

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

describe('the domain', () => {
  test.each([
    ['api.example.com', 'example.com', 'Z0123456789ABC'],
    ['pay.api.example.co.uk', 'example.co.uk', 'Z1'],
    ['api.holdfast.test', 'holdfast.test', 'Z0TWIN'],
  ])('accepts %s in the zone %s (%s)', (name, zoneName, zoneId) => {
    const context = { domainName: name, hostedZoneName: zoneName, hostedZoneId: zoneId };
    expect(readConfiguration(context).domain).toEqual({ name, zoneName, zoneId });
  });

  test.each([
    [['domainName'], 'domainName'],
    [['hostedZoneId'], 'hostedZoneId'],
    [['hostedZoneName', 'hostedZoneId'], 'hostedZoneName, hostedZoneId'],
  ])('rejects one without %j', (left, named) => {
    const context = Object.fromEntries(
      Object.entries(DOMAIN).filter(([key]) => !left.includes(key)),
    );
    expect(problemsOf(context)).toEqual([
      `${named}: missing; a domain needs domainName, hostedZoneName and hostedZoneId, or leave all three out.`,
    ]);
  });

  test('rejects the top of the zone, where a CNAME cannot be', () => {
    expect(problemsOf({ ...DOMAIN, domainName: 'example.com' })).toEqual([
      `domainName "example.com": it is the top of the zone, where a CNAME can't be; use a name below it, such as api.example.com.`,
    ]);
  });

  test.each(['api.example.org', 'apiexample.com'])(
    'rejects %s, which is in another zone',
    (name) => {
      expect(problemsOf({ ...DOMAIN, domainName: name })).toEqual([
        `domainName "${name}": it is not in hostedZoneName "example.com"; use a name that ends in .example.com.`,
      ]);
    },
  );

  test.each([
    'API.example.com',
    'api.example.com.',
    'https://api.example.com',
    '*.example.com',
    'api..example.com',
    '-api.example.com',
    'api_1.example.com',
    '',
    `${'a'.repeat(64)}.example.com`,
  ])('rejects the name %j', (domainName) => {
    const problems = problemsOf({ ...DOMAIN, domainName });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`domainName ${JSON.stringify(domainName)}: use `);
  });

  test.each(['/hostedzone/Z0123456789ABC', 'z0123', '0123', '', `Z${'0'.repeat(32)}`])(
    'rejects the zone id %j',
    (hostedZoneId) => {
      expect(problemsOf({ ...DOMAIN, hostedZoneId })).toEqual([
        `hostedZoneId ${JSON.stringify(hostedZoneId)}: use the id alone, Z and up to 31 of A-Z and 0-9, such as Z0123456789ABCDEFGHIJ.`,
      ]);
    },
  );
});

describe('routing', () => {
  test('accepts active-active with strong consistency', () => {
    expect(readConfiguration({ routing: 'active-active' }).routing).toBe('active-active');
  });

  test('rejects active-active with eventual consistency, where one Region has the lease', () => {
    expect(problemsOf({ routing: 'active-active', consistency: 'eventual' })).toEqual([
      'routing "active-active": with consistency=eventual only the Region that holds the lease takes payments; use active-passive, or consistency=strong.',
    ]);
  });

  test.each([
    [{ routing: 'active' }, 'routing "active": use active-passive or active-active.'],
    [{ failback: true }, 'failback true: use manual or automatic.'],
    [{ chaos: 'yes' }, 'chaos "yes": use true or false.'],
  ])('rejects %j', (context, problem) => {
    expect(problemsOf(context)).toEqual([problem]);
  });
});

describe('failoverSilenceSeconds', () => {
  test('is a minute unless it is set', () => {
    expect(readConfiguration({}).failoverSilenceSeconds).toBe(60);
  });

  test.each([
    [3, 1],
    [36, 12],
    [600, 10],
  ])('accepts %d s with a probe each %d s', (silence, probe) => {
    const context = { failoverSilenceSeconds: silence, failoverProbeSeconds: String(probe) };
    expect(readConfiguration(context).failoverSilenceSeconds).toBe(silence);
  });

  test.each([
    [29, 10, 30],
    [35, 12, 36],
    [3, 2, 6],
  ])('rejects %d s with a probe each %d s: three probes take %d s', (silence, probe, least) => {
    const context = { failoverSilenceSeconds: silence, failoverProbeSeconds: probe };
    expect(problemsOf(context)).toEqual([
      `failoverSilenceSeconds "${silence}": use at least three times failoverProbeSeconds, ${least}, or a heartbeat that is late would count as silent.`,
    ]);
  });

  test.each([2, 601, '', 2.5, true])('rejects %j', (value) => {
    const context = { failoverSilenceSeconds: value, failoverProbeSeconds: 1 };
    expect(problemsOf(context)).toEqual([
      `failoverSilenceSeconds ${JSON.stringify(value)}: use a whole number from 3 to 600.`,
    ]);
  });
});

describe.each([
  ['dnsTtlSeconds', 1, 300],
  ['failoverProbeSeconds', 1, 12],
  ['failoverCooldownSeconds', 0, 86_400],
  ['failbackSoakSeconds', 0, 86_400],
] as const)('%s', (key, min, max) => {
  test.each([min, max])('accepts %d, as a number and as text', (value) => {
    expect(readConfiguration({ [key]: value })[key]).toBe(value);
    expect(readConfiguration({ [key]: String(value) })[key]).toBe(value);
  });

  test.each([min - 1, max + 1, '', ' 5', '5s', '0x5', '1e1', 2.5, '2.5', 'NaN', true])(
    'rejects %j',
    (value) => {
      expect(problemsOf({ [key]: value })).toEqual([
        `${key} ${JSON.stringify(value)}: use a whole number from ${min} to ${max}.`,
      ]);
    },
  );
});

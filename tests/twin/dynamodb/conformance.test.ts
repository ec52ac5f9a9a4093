/**
 * One table of documented DynamoDB behaviour, through the AWS SDK, against the twin and against
 * independent implementations. What those are known to do otherwise is listed in the rows.
 */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findEngine } from '#twin/dynamodb/engine/launch-engine.ts';
import { CONDITION_ROWS, RETURN_VALUE_ROWS } from './conformance/condition-rows.ts';
import { BATCH_ROWS, INDEX_ROWS, QUERY_ROWS } from './conformance/query-rows.ts';
import { UPDATE_ROWS } from './conformance/update-rows.ts';
import { SIZE_ROWS, VALUE_ROWS } from './conformance/value-rows.ts';
import { Workbench } from './conformance/workbench.ts';
import {
  clientOf,
  EAST_1,
  EAST_2,
  type Endpoint,
  serveDynaliteWith,
  serveMotoWith,
  serveTwin,
  THINGS,
} from './serve-dynamodb.ts';

const ROWS = [
  ...CONDITION_ROWS,
  ...RETURN_VALUE_ROWS,
  ...UPDATE_ROWS,
  ...VALUE_ROWS,
  ...SIZE_ROWS,
  ...QUERY_ROWS,
  ...INDEX_ROWS,
  ...BATCH_ROWS,
];

const moto = await serveMotoWith(THINGS);
if (moto === null) {
  console.warn('moto_server is not installed: DynamoDB is compared with dynalite only.');
}

async function outcomeOf(run: Promise<unknown>): Promise<unknown> {
  try {
    const outcome = await run;
    // A command's own answer: that it was accepted is all that a row about a refusal asks.
    const accepted = typeof outcome === 'object' && outcome !== null && '$metadata' in outcome;
    return accepted ? 'accepted' : outcome;
  } catch (error) {
    return { error: (error as Error).name };
  }
}

interface Implementation {
  readonly name: string;
  readonly serve: () => Promise<Endpoint>;
  readonly region: string;
  readonly deviations: 'dynalite' | 'moto' | null;
}

const implementations: readonly Implementation[] = [
  { name: 'the twin', serve: () => serveTwin(), region: EAST_1, deviations: null },
  { name: 'the twin, second Region', serve: () => serveTwin(), region: EAST_2, deviations: null },
  {
    name: 'the twin where dynoxide has no binary',
    serve: () => serveTwin({ engine: findEngine('none') }),
    region: EAST_2,
    deviations: null,
  },
  {
    name: 'dynalite',
    serve: () => serveDynaliteWith(THINGS),
    region: EAST_1,
    deviations: 'dynalite',
  },
  ...(moto === null
    ? []
    : [{ name: 'moto', serve: async () => moto, region: EAST_1, deviations: 'moto' as const }]),
];

describe.each(implementations)('DynamoDB as in $name', ({ serve, region, deviations }) => {
  let endpoint: Endpoint;
  let client: DynamoDBClient;
  beforeAll(async () => {
    endpoint = await serve();
    client = clientOf(endpoint, region);
  });
  afterAll(async () => {
    client.destroy();
    await endpoint.stop();
  });

  it.each(ROWS.map((row, index) => ({ ...row, index })))('$name', async (row) => {
    const bench = new Workbench(client, `row-${row.index}`);
    const outcome = await outcomeOf(row.run(bench));
    const known = deviations === null ? undefined : row.deviations;
    if (known === undefined || deviations === null || !(deviations in known)) {
      expect(outcome).toEqual(row.expected);
    } else if (deviations === 'moto') {
      // Whatever version is installed: it may have been mended.
      expect([known.moto, row.expected]).toContainEqual(outcome);
    } else {
      expect(outcome).toEqual(known[deviations]);
    }
  });
});

/** A twin's endpoint with the secrets of two Regions. */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AuthorizationDecision } from '#twin/endpoint/authorizer.ts';
import { createAwsEndpoint } from '#twin/endpoint/aws-endpoint.ts';
import type { NeededPermission } from '#twin/endpoint/aws-service.ts';
import type { FaultBoard } from '#twin/faults/fault.ts';
import { createFaultBoard } from '#twin/faults/fault-board.ts';
import type { RegionModel, SecretModel } from '#twin/region-model.ts';
import { createSecretStore } from '#twin/secrets/secret-store.ts';
import { createSecretsService } from '#twin/secrets/secrets-service.ts';

export const ACCOUNT = '123456789012';
export const EAST = 'us-east-1';
export const OHIO = 'us-east-2';
export const FUNCTION_KEY = 'FUNCTIONKEY';
const NOW = 1_767_225_600_500;

export function secretArn(name: string, region = EAST): string {
  return `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${name}-a1b2c3`;
}

function secret(name: string, value: SecretModel['value'], region = EAST): SecretModel {
  const replicaRegions = name === 'shared' ? [OHIO, 'eu-west-1'] : [];
  const description = name === 'shared' ? 'For both' : null;
  return { name, arn: secretArn(name, region), description, replicaRegions, value };
}

function regionModel(region: string, secrets: readonly SecretModel[]): RegionModel {
  return {
    region,
    accountId: ACCOUNT,
    stackName: 'Stack',
    functions: [],
    restApis: [],
    queues: [],
    topics: [],
    subscriptions: [],
    secrets,
    eventSources: [],
    schedules: [],
    alarms: [],
    compositeAlarms: [],
    apiDomains: [],
    healthChecks: [],
    records: [],
    roles: [],
    outputs: {},
    notRun: [],
  };
}

const GENERATED: SecretModel['value'] = {
  kind: 'generated',
  passwordLength: 20,
  excludeCharacters: '',
  excludeLowercase: false,
  excludeNumbers: false,
  excludePunctuation: true,
  excludeUppercase: false,
  includeSpace: false,
  requireEachIncludedType: true,
  template: null,
};

export interface World {
  readonly url: string;
  readonly faults: FaultBoard;
  readonly asked: NeededPermission[];
  readonly decisions: Map<string, AuthorizationDecision>;
  /** What was said of refusals and defects. */
  readonly reports: string[];
  client(region: string, accessKeyId?: string): SecretsManagerClient;
  stop(): Promise<void>;
}

/**
 * us-east-1 has `shared` (generated, with a replica in us-east-2), `given` (`first`) and `empty`;
 * us-east-2 has `given` (`of Ohio`).
 */
export async function startWorld(): Promise<World> {
  const faults = createFaultBoard({
    regions: [EAST, OHIO],
    witness: null,
    clock: { nowEpochMs: () => NOW },
    random: () => 0,
  });
  const models = [
    regionModel(EAST, [
      secret('shared', GENERATED),
      secret('given', { kind: 'given', text: 'first' }),
      secret('empty', { kind: 'none' }),
    ]),
    regionModel(OHIO, [secret('given', { kind: 'given', text: 'of Ohio' }, OHIO)]),
  ];
  const store = createSecretStore({ models, network: faults, now: () => NOW });
  const asked: NeededPermission[] = [];
  const decisions = new Map<string, AuthorizationDecision>();
  const reports: string[] = [];
  const endpoint = createAwsEndpoint({
    services: [createSecretsService(store, ACCOUNT)],
    principals: new Map([
      [
        FUNCTION_KEY,
        {
          kind: 'role',
          roleArn: `arn:aws:iam::${ACCOUNT}:role/processor`,
          sessionArn: `arn:aws:sts::${ACCOUNT}:assumed-role/processor/payments`,
          region: EAST,
        },
      ],
    ]),
    authorizer: {
      permits(_roleArn, needed) {
        asked.push(needed);
        return { decision: decisions.get(needed.action) ?? 'allowed', source: null };
      },
    },
    faults,
    regions: [EAST, OHIO],
    witness: null,
    now: () => NOW,
    onRefusal: (refusal) => reports.push(JSON.stringify(refusal)),
    onServiceError: (error) => reports.push(String(error)),
  });
  const url = `http://127.0.0.1:${await endpoint.listen(0)}`;
  const clients: SecretsManagerClient[] = [];
  return {
    url,
    faults,
    asked,
    decisions,
    reports,
    client(region, accessKeyId = 'OPERATOR') {
      const credentials = { accessKeyId, secretAccessKey: 'secret' };
      const one = new SecretsManagerClient({ region, endpoint: url, maxAttempts: 1, credentials });
      clients.push(one);
      return one;
    },
    async stop() {
      for (const one of clients) one.destroy();
      await endpoint.close();
      store.stop();
    },
  };
}

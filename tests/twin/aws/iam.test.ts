/** A role that lacks an action fails in the twin as it would on AWS: each action is taken away in turn. */

import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { startTwin, type Twin } from '#twin/start-twin.ts';
import { editTemplate, type Resource } from '../../support/prepared-assembly.ts';
import { call, EAST_1, EAST_2, freeBasePort, newPayment } from '../../support/running-twin.ts';
import { ROOT } from '../../support/source-files.ts';

let directory: string;
let twin: Twin | null = null;
let runDirectory: string;
let reports: string[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-iam-'));
});
afterEach(async () => {
  await twin?.stop();
  twin = null;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Boots a twin in whose us-east-1 no role has `action`; fails if none had it. */
async function startWithout(action: string): Promise<Twin> {
  const assemblyDirectory = mkdtempSync(join(directory, 'assembly-'));
  cpSync(inject('assembly'), assemblyDirectory, { recursive: true });
  let removed = 0;
  editTemplate(assemblyDirectory, EAST_1, (resources) => {
    removed = removeAction(resources, action);
  });
  expect(removed).toBeGreaterThan(0);
  reports = [];
  runDirectory = mkdtempSync(join(directory, 'run-'));
  twin = await startTwin({
    assemblyDirectory,
    basePort: await freeBasePort(),
    suffix: 'dev',
    dataDirectory: null,
    directory: runDirectory,
    profile: 'fast',
    pageDirectory: join(ROOT, 'src/console'),
    versions: {},
    report: (message) => reports.push(message),
  });
  return twin;
}

/** Takes an action out of every policy statement; a statement left without one goes too. */
function removeAction(resources: Record<string, Resource>, action: string): number {
  let removed = 0;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const one of value) visit(one);
    } else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) visit(inner);
      const document = value as { Statement?: { Action?: string | string[]; Effect?: string }[] };
      if (!Array.isArray(document.Statement)) return;
      document.Statement = document.Statement.flatMap((statement) => {
        const actions = [statement.Action ?? []].flat();
        if (statement.Effect !== 'Allow' || !actions.includes(action)) return [statement];
        removed += 1;
        const rest = actions.filter((one) => one !== action);
        return rest.length === 0 ? [] : [{ ...statement, Action: rest }];
      });
    }
  };
  for (const resource of Object.values(resources)) {
    if (resource.Type.startsWith('AWS::IAM::')) visit(resource.Properties);
  }
  return removed;
}

const api = (region: string) => twin?.addresses.regions[region] ?? '';

describe('a role without', () => {
  it('dynamodb:PutItem: no payment is accepted in that Region, and the refusal is worded as AWS does', async () => {
    await startWithout('dynamodb:PutItem');
    const payment = newPayment();
    const answer = await call(`${api(EAST_1)}/process`, { body: payment });
    expect([answer.status, answer.json()['code']]).toEqual([500, 'internal_error']);
    expect(answer.text).not.toMatch(/arn:|dynamodb/);
    expect(reports.join('\n')).toMatch(
      /IAM refused dynamodb:PutItem on arn:aws:dynamodb:us-east-1:\d{12}:table\/payments-dev to arn:aws:sts::\d{12}:assumed-role\/.*\/payment-processor-dev/,
    );
    const log = readFileSync(
      join(runDirectory, '.holdfast/logs/us-east-1/payment-processor-dev.log'),
      'utf8',
    );
    expect(log).toContain('put if absent: AccessDeniedException 400');
    // The role of the other Region is whole.
    expect((await call(`${api(EAST_2)}/process`, { body: payment })).status).toBe(200);
    expect((await call(`${api(EAST_1)}/payments/${payment.transaction_id}`)).status).toBe(200);
  });

  it('dynamodb:UpdateItem: payments are acknowledged and stay unfinished', async () => {
    await startWithout('dynamodb:UpdateItem');
    expect((await call(`${api(EAST_1)}/process`, { body: newPayment() })).status).toBe(200);
    expect(reports.join('\n')).toContain('IAM refused dynamodb:UpdateItem');
  });

  it('sns:Publish: payments are acknowledged and stay unfinished', async () => {
    await startWithout('sns:Publish');
    expect((await call(`${api(EAST_1)}/process`, { body: newPayment() })).status).toBe(200);
    expect(reports.join('\n')).toContain('IAM refused sns:Publish');
  });

  it('dynamodb:Query: payments can be made and not read', async () => {
    await startWithout('dynamodb:Query');
    const payment = newPayment();
    expect((await call(`${api(EAST_1)}/process`, { body: payment })).status).toBe(200);
    const read = await call(`${api(EAST_1)}/payments/${payment.transaction_id}`);
    expect([read.status, read.json()['code']]).toEqual([500, 'internal_error']);
  });
});

describe('the roles as they are', () => {
  it('are refused nothing while payments are made, read and listed', async () => {
    await startWithout('dynamodb:GetItem');
    for (const region of [EAST_1, EAST_2]) {
      const payment = newPayment();
      expect((await call(`${api(region)}/process`, { body: payment })).status).toBe(200);
      expect((await call(`${api(region)}/process`, { body: payment })).status).toBe(200);
      expect((await call(`${api(region)}/payments/${payment.transaction_id}`)).status).toBe(200);
      expect((await call(`${api(region)}/customers/cust-1/payments`)).status).toBe(200);
    }
    // GetItem is the health check's alone: without it us-east-1 is unhealthy and us-east-2 is not.
    expect((await call(`${api(EAST_1)}/health`)).status).toBe(503);
    expect((await call(`${api(EAST_2)}/health`)).status).toBe(200);
    const refused = reports.filter((line) => line.startsWith('IAM refused'));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.filter((line) => !line.includes('dynamodb:GetItem'))).toEqual([]);
  });
});

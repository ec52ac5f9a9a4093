/** What people are told of a move. */

import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Telemetry } from '#adapters/telemetry.ts';
import { AppError } from '#core/app-error.ts';
import type { MoveReport } from '#core/routing/orchestrate.ts';
import { createReporter } from '#handlers/orchestrator-report.ts';
import { awsError } from '../adapters/dynamo-world.ts';

const sns = vi.hoisted(() => {
  vi.stubEnv('OPS_ALERT_TOPIC_ARN', 'arn:aws:sns:us-east-2:123456789012:ops-alerts-dev');
  return { inputs: [] as Record<string, unknown>[], answer: {} as unknown };
});
vi.mock('@aws-sdk/client-sns', () => ({
  PublishCommand: class {
    readonly input: Record<string, unknown>;
    constructor(input: Record<string, unknown>) {
      this.input = input;
    }
  },
  SNSClient: class {
    async send({ input }: { readonly input: Record<string, unknown> }): Promise<unknown> {
      sns.inputs.push(input);
      if (sns.answer instanceof Error) throw sns.answer;
      return sns.answer;
    }
  },
}));
vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

const later = { atEpochMs: Number.MAX_SAFE_INTEGER };
const evidence = { region: '', verdict: 'healthy', probes: [], alarm: 'clear' } as const;
const report: MoveReport = {
  kind: 'moved',
  entry: {
    ...{ epoch: 5, entryId: 'e5', atEpochMs: Date.parse('2026-11-23T01:02:03.004Z') },
    ...{ actor: 'orchestrator:us-east-2', change: 'failover', reason: 'us-east-1 serves nobody' },
    ...{ mode: 'auto', active: ['us-east-2'], drained: [], previousHash: '', moved: null },
    evidence: '{"trigger":"tick","us-east-1":{"verdict":"lost"}}',
  },
  seen: {
    own: { ...evidence, region: 'us-east-2' },
    peer: { ...evidence, region: 'us-east-1', verdict: 'lost' },
    ...{ ownHealthyForMs: 1, beaten: true, followedEpoch: 4 },
  },
  steps: [{ name: 'verify', tookMs: 7, outcome: 'done', detail: 'it went through' }],
};

let metrics: unknown[];
let logs: string[];
let tell: ReturnType<typeof createReporter>;

beforeEach(() => {
  sns.inputs.length = 0;
  sns.answer = {};
  metrics = [];
  logs = [];
  const telemetry: Telemetry = {
    metric: (...said) => void metrics.push(said),
    metrics: () => undefined,
    log: (level, message, fields) => void logs.push(`${level} ${message}: ${fields?.reason}`),
  };
  tell = createReporter(telemetry);
});

function published(): unknown {
  return JSON.parse(String(sns.inputs[0]?.['Message'])) as unknown;
}

describe('createReporter', () => {
  it('publishes what was seen, decided and done, marked as a report', async () => {
    await tell(report, 'tick', later);
    expect(sns.inputs).toMatchObject([
      {
        TopicArn: 'arn:aws:sns:us-east-2:123456789012:ops-alerts-dev',
        Subject: 'Traffic moved to us-east-2',
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'failover-report' } },
      },
    ]);
    expect(published()).toMatchObject({
      ...{ change: 'failover', epoch: 5, at: '2026-11-23T01:02:03.004Z', to: ['us-east-2'] },
      ...{ actor: 'orchestrator:us-east-2', reason: 'us-east-1 serves nobody', trigger: 'tick' },
      ...{ did: report.steps, resumed: false },
      saw: {
        'us-east-1': { verdict: 'lost', alarm: 'clear' },
        'us-east-2': { verdict: 'healthy' },
      },
    });
    expect(metrics).toEqual([['FailoverTriggered', 1, { dimensions: { AlarmName: 'tick' } }]]);
    expect(logs).toEqual(['WARN traffic was moved: us-east-1 serves nobody']);
  });

  it('tells of steps that were resumed what was seen when it was decided', async () => {
    await tell({ ...report, kind: 'followed-up' }, 'tick', later);
    expect(published()).toMatchObject({
      resumed: true,
      saw: { trigger: 'tick', 'us-east-1': { verdict: 'lost' } },
    });
  });

  it('says so louder when a step failed', async () => {
    const steps = [{ name: 'verify', tookMs: 7, outcome: 'failed', detail: 'no' } as const];
    await tell({ ...report, steps }, 'tick', later);
    expect(logs[0]).toMatch(/^ERROR traffic was moved/);
  });

  it('logs and rejects a report that can not be sent, and counts the move once', async () => {
    sns.answer = awsError('InternalServerError', 500);
    await expect(tell(report, 'tick', later)).rejects.toBeInstanceOf(AppError);
    expect(logs.at(-1)).toMatch(/^ERROR the report was not published/);
    sns.answer = {};
    await tell({ ...report, kind: 'followed-up' }, 'tick', later);
    expect(metrics).toHaveLength(1);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { createProgram } from '#cli/program.ts';
import { createProgress } from '#cli/progress.ts';
import { renderLetterDetail, renderLetterList, renderRedrive } from '#cli/render-dead-letters.ts';
import { renderReconcile } from '#cli/render-reconcile.ts';
import { plain } from '#cli/terminal.ts';
import type { ReconcileReport, ReportedFinding } from '#ops/reconcile.ts';

const NOW = 1_700_000_000_000;

let said: string[] = [];

async function run(...args: string[]): Promise<unknown> {
  said = [];
  const program = createProgram({
    directory: '/nowhere',
    paint: plain,
    writeOut: () => undefined,
    writeError: (text) => void said.push(text),
    setExitCode: () => undefined,
  });
  return program.parseAsync(args, { from: 'user' });
}

describe('the command line', () => {
  it('rejects a redrive of nothing in particular, and one of two kinds', async () => {
    const message = expect.stringContaining('--filter TEXT or --all') as string;
    await expect(run('dlq', 'redrive')).rejects.toMatchObject({ exitCode: 2, message });
    await expect(run('dlq', 'redrive', '--filter', '')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('--filter is empty') as string,
    });
    await expect(run('dlq', 'redrive', '--all', '--filter', 'x')).rejects.toMatchObject({
      exitCode: 2,
    });
  });

  it.each([
    [['dlq', 'list', '--suffix', 'prod'], '--suffix goes with --aws'],
    [['reconcile', '--regions', 'us-east-1,us-east-2'], '--regions goes with --aws'],
    [['lease', 'show', '--aws', '--twin', 'http://127.0.0.1:8084'], 'exclude each other'],
    [['reconcile', '--aws', '--regions', 'Virginia'], 'Use Region names'],
    [['reconcile', '--aws', '--regions', 'us-east-1,us-east-1'], 'Name both Regions, each once'],
    [['reconcile', '--aws', '--regions', 'us-east-2'], 'Name both Regions, each once'],
    [['reconcile', '--settle', '-1'], 'whole number'],
    [['failover'], "required option '--to <region>'"],
    [['failover', '--to', 'Virginia'], 'Use a Region name'],
    [['failback', '--reason', ' '], 'Use one line'],
    [['drain', 'us-east-1,us-east-2'], 'Use a Region name'],
    [['mode', 'sometimes'], 'Allowed choices are auto, manual'],
    [['mode', 'manual', '--force'], "unknown option '--force'"],
    [['history', '--limit', '0'], 'whole number'],
    [['routing', '--suffix', 'prod'], '--suffix goes with --aws'],
  ])('rejects %j', async (args, text) => {
    await expect(run(...args)).rejects.toMatchObject({
      message: expect.stringContaining(text) as string,
    });
  });

  it('says which environment it works in before anything else, and what its credentials lack', async () => {
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere/config');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere/credentials');
    vi.stubEnv('AWS_ENDPOINT_URL_SQS', 'http://127.0.0.1:9');
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE']) vi.stubEnv(name, '');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    await expect(run('mode', 'manual', '--aws', '--suffix', 'prod')).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('no credentials to ask AWS with') as string,
    });
    expect(said[0]).toBe(
      'AWS, suffix prod, us-east-1 (primary) and us-east-2, AWS_ENDPOINT_URL_SQS leads elsewhere\n',
    );
    vi.unstubAllEnvs();
  });

  it('says how to start a twin where none runs', async () => {
    await expect(run('reconcile')).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('npm start') as string,
    });
  });
});

describe('renderLetterList', () => {
  it('shows a line for each letter, and the Regions that did not answer', () => {
    const letters = [
      {
        kind: 'message',
        region: 'us-east-1',
        messageId: 'm-1',
        transactionId: null,
        excerpt: '"hello"',
        attempts: 4,
        sinceEpochMs: NOW - 7_300_000,
        reason: 'not a payment message',
      },
      {
        kind: 'parked',
        region: 'us-east-2',
        messageId: null,
        transactionId: 'txn-1',
        excerpt: null,
        attempts: 20,
        sinceEpochMs: NOW - 45_000,
        reason: 'unavailable: charge',
      },
    ] as const;
    const unreached = [{ region: 'us-west-1', reason: 'no answer' }];
    const unseen = { letters: [], truncated: true, unreached: [] };
    expect(renderLetterList(unseen, NOW, plain)).toMatch(/^No dead letters were seen\. A letter/);
    expect(renderRedrive(unseen, plain)).toMatch(/^Nothing to redrive was seen\. A letter/);
    expect(renderLetterList({ letters, truncated: true, unreached }, NOW, plain)).toBe(
      [
        '  kind     Region     transaction_id  tries  age   reason',
        '  message  us-east-1  unreadable m-1  4      2 h   not a payment message: "hello"',
        '  parked   us-east-2  txn-1           20     45 s  unavailable: charge',
        'There may be more: narrow it with --filter, raise --limit, or run it again.',
        'not reached us-west-1: no answer',
        '',
      ].join('\n'),
    );
  });

  it('says that there are none', () => {
    const list = { letters: [], truncated: false, unreached: [] };
    expect(renderLetterList(list, NOW, plain)).toBe('No dead letters.\n');
  });
});

describe('renderLetterDetail', () => {
  it('shows why a payment is parked and what its refunds came to', () => {
    const payment = {
      transactionId: 'txn-1',
      status: 'PROCESSED',
      amount: '10.50',
      currency: 'USD',
      customerId: 'cust-1',
      region: 'us-east-1',
      acceptedEpochSeconds: NOW / 1_000,
      attempts: 20,
      dueAtEpochMs: null,
      parked: { atEpochMs: NOW, reason: 'unavailable: refund' },
      chargeId: 'ch-1',
      declineReason: null,
      refunds: [
        {
          refundId: 'r-1',
          amount: '1.00',
          status: 'ACCEPTED',
          region: 'us-east-1',
          declineReason: null,
        },
      ],
    } as const;
    const detail = { id: 'txn-1', messages: [], payment, paymentReason: null, unreached: [] };
    const text = renderLetterDetail(detail, plain);
    expect(text).toContain('Payment txn-1: PROCESSED');
    expect(text).toContain('parked    2023-11-14T22:13:20.000Z, unavailable: refund');
    expect(text).toContain('refund    r-1: 1.00 ACCEPTED by us-east-1');
  });
});

describe('renderRedrive', () => {
  it('shows what became of each letter, and sums up', () => {
    const letter = { kind: 'message', region: 'us-east-1', messageId: 'm-1' } as const;
    const letters = [
      { ...letter, transactionId: 'txn-1', outcome: 'redriven', because: null },
      { ...letter, transactionId: null, outcome: 'skipped', because: 'not a payment message' },
    ] as const;
    expect(renderRedrive({ letters, truncated: false, unreached: [] }, plain)).toBe(
      [
        '  redriven  message  us-east-1  txn-1',
        '  skipped   message  us-east-1  m-1    not a payment message',
        '1 redriven, 1 skipped.',
        '',
      ].join('\n'),
    );
  });
});

describe('renderReconcile', () => {
  const report: ReconcileReport = {
    consistency: 'eventual',
    regionsRead: ['us-east-1', 'us-east-2'],
    unreached: [],
    leadingRegion: 'us-east-1',
    transactions: 3,
    counts: {},
    findings: [],
    left: 0,
    complete: true,
  };
  const conflict: ReportedFinding = {
    kind: 'conflict',
    transactionId: 'txn-1',
    detail: 'accepted twice',
    outcome: 'left',
    because: null,
    repairable: true,
    lost: {
      customerId: 'cust-2',
      amount: '9.99',
      currency: 'USD',
      timestampEpochSeconds: 1_700_000_003,
      region: 'us-east-2',
      isSameRequest: false,
    },
  };

  it('says when there is nothing to do', () => {
    expect(renderReconcile(report, false, plain)).toContain('Nothing to reconcile.');
  });

  it('does not call a table clean that it has not seen whole', () => {
    const unreached = [{ region: 'us-east-2', reason: 'no answer' }];
    const text = renderReconcile({ ...report, unreached, complete: false }, false, plain);
    expect(text).toContain('not reached us-east-2: no answer');
    expect(text).not.toContain('Nothing to reconcile');
  });

  it('names what is wrong, what mends it, and whose payment does not count any more', () => {
    const found = { ...report, findings: [conflict], counts: { conflict: 1, behind: 2 }, left: 1 };
    const text = renderReconcile(found, false, plain);
    expect(text).toContain('left  conflict  txn-1  accepted twice');
    expect(text).toMatch(/9\.99 USD {2}customer cust-2 .* another request counts: call them/);
    expect(text).toContain('2 on their way between replicas');
    expect(text).toContain('holdfast reconcile --repair');
  });

  it('says when all of it is mended', () => {
    const findings = [{ ...conflict, outcome: 'repaired' }] as const;
    const text = renderReconcile({ ...report, findings, counts: { conflict: 1 } }, true, plain);
    expect(text).toContain('All of it is mended.');
  });
});

describe('createProgress', () => {
  it('is quiet for two seconds and then speaks every two', () => {
    const said: string[] = [];
    let now = 0;
    const progress = createProgress(
      (text) => said.push(text),
      () => now,
    );
    for (const at of [0, 1_999, 2_000, 3_999, 4_000]) {
      now = at;
      progress(String(at));
    }
    expect(said).toEqual(['2000\n', '4000\n']);
  });
});

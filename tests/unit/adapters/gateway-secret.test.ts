import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { createSecretSource } from '#adapters/gateway-secret.ts';

type Reply = string | Error | Promise<string>;

const denied = Object.assign(new Error('denied'), {
  name: 'AccessDeniedException',
  $metadata: { httpStatusCode: 400 },
});
const broken = Object.assign(new Error('broken'), {
  name: 'InternalServiceError',
  $metadata: { httpStatusCode: 500 },
});

/** A source whose client gives `replies` in turn, the last for good. */
function world(...replies: [Reply, ...Reply[]]) {
  let now = 0;
  let costMs = 0;
  const asked: unknown[] = [];
  const client = {
    send: async (command: { input: unknown }) => {
      asked.push(command.input);
      now += costMs;
      const reply = await (replies.length > 1 ? replies.shift() : replies[0]);
      if (reply instanceof Error) throw reply;
      return { SecretString: reply };
    },
  } as unknown as SecretsManagerClient;
  const source = createSecretSource({
    client,
    secretName: 'payment-gateway-test',
    maxAgeMs: 60_000,
    attempts: {
      clock: { nowEpochMs: () => now },
      attemptTimeoutMs: 1_500,
      attemptsMax: 2,
      random: () => 1,
      sleep: async (ms) => {
        now += ms;
      },
    },
  });
  return {
    asked,
    source,
    read: () => source.read({ atEpochMs: now + 7_000 }),
    pass: (ms: number) => (now += ms),
    /** What each call costs from now on. */
    slowDown: (ms: number) => (costMs = ms),
  };
}

describe('the secret', () => {
  it.each([
    ['plain text', 'sk_live_1', 'sk_live_1'],
    ['plain text with a line feed', 'sk_live_1\n', 'sk_live_1'],
    ['JSON', '{"api_key": "sk_live_1", "note": "x"}', 'sk_live_1'],
  ])('is read from %s', async (_name, text, secret) => {
    const { read, asked } = world(text);
    expect(await read()).toBe(secret);
    expect(asked).toEqual([{ SecretId: 'payment-gateway-test' }]);
  });

  it.each([
    '',
    '{"api_key": 7}',
    '{"key": "sk"}',
    '{sk_live_1',
    'two words',
    'sk\nlive',
    'schlüssel',
  ])('rejects %j without repeating it', async (text) => {
    const { read, asked } = world(text);
    const error = await read().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'internal_error' });
    // Neither the text nor a parser's error that quotes it.
    expect((error as Error).message).toBe(
      'gateway secret: not usable; store a bearer token as plain text, or JSON with it in "api_key"',
    );
    expect((error as Error).cause).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it('is fetched once for all who wait for it', async () => {
    const { read, asked } = world('sk_1');
    expect(await Promise.all([read(), read(), read()])).toEqual(['sk_1', 'sk_1', 'sk_1']);
    expect(asked).toHaveLength(1);
  });

  it('is kept until it is too old', async () => {
    const { read, pass, asked } = world('sk_1', 'sk_2');
    await read();
    pass(59_999);
    expect(await read()).toBe('sk_1');
    expect(asked).toHaveLength(1);
    pass(1);
    expect(await read()).toBe('sk_2');
  });

  it('stays in use when a refresh fails, and is asked for again after a pause', async () => {
    const { read, pass, asked } = world('sk_1', broken, broken, 'sk_2');
    await read();
    pass(60_000);
    expect(await read()).toBe('sk_1');
    const afterRefresh = asked.length;
    expect(await read()).toBe('sk_1');
    expect(asked).toHaveLength(afterRefresh);
    pass(30_000);
    expect(await read()).toBe('sk_2');
  });

  it('is fetched anew once it is refused', async () => {
    const { read, source, asked } = world('sk_1', 'sk_2');
    source.invalidate(await read());
    expect(await read()).toBe('sk_2');
    source.invalidate('sk_1');
    expect(await read()).toBe('sk_2');
    expect(asked).toHaveLength(2);
  });
});

describe('a secret that can’t be had', () => {
  it('is unavailable after faults: reading leaves nothing unknown', async () => {
    await expect(world(broken).read()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is an internal error without the permission', async () => {
    const { read, asked } = world(denied);
    await expect(read()).rejects.toMatchObject({ code: 'internal_error' });
    expect(asked).toHaveLength(1);
  });

  it('is tried again by the next who asks', async () => {
    const { read } = world(broken, broken, 'sk_1');
    await expect(read()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await read()).toBe('sk_1');
  });

  it('waits no longer than one attempt while the old one serves', async () => {
    const { read, pass, slowDown, asked } = world('sk_1', broken);
    await read();
    pass(60_000);
    slowDown(1_500);
    expect(await read()).toBe('sk_1');
    expect(asked).toHaveLength(2);
  });
});

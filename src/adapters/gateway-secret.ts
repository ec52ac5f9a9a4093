/** The secret that the payment gateway knows us by, from AWS Secrets Manager, with rotation in mind. */

import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AppError } from '#core/app-error.ts';
import type { Deadline } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';

export interface SecretSource {
  /** Cached or fetched. Throws `AppError`: `unavailable`, or `internal_error` if it can't be used. */
  read(deadline: Deadline): Promise<string>;
  /** Has `refused` fetched anew by the next read, unless that has happened meanwhile. */
  invalidate(refused: string): void;
}

export interface SecretSourceOptions {
  readonly client: SecretsManagerClient;
  /** Name or ARN. In both Regions the same name; each Region has a secret of its own. */
  readonly secretName: string;
  readonly attempts: AttemptOptions;
  /** After this a read fetches anew. @default 5 minutes */
  readonly maxAgeMs?: number;
}

const MAX_AGE_MS = 300_000;
/** After a failed refresh the old value is served for this long before the next try. */
const REFRESH_PAUSE_MS = 30_000;
/** What a bearer token may be made of, so that it fits into a header. Source: RFC 6750, section 2.1. */
const TOKEN = /^[A-Za-z0-9\-._~+/]{1,4096}=*$/;

/**
 * Creates a source that keeps the secret in memory and fetches it once for all who wait for it.
 *
 * A refresh that fails serves the old value: it is likely to be valid still, and payments must not
 * stop with Secrets Manager. The secret is plain text, or JSON with `api_key`.
 */
export function createSecretSource(options: SecretSourceOptions): SecretSource {
  const { attempts, maxAgeMs = MAX_AGE_MS } = options;
  const { clock } = attempts;
  let cached: string | null = null;
  let freshUntilEpochMs = 0;
  let fetching: Promise<string> | null = null;

  const refresh = async (deadline: Deadline): Promise<string> => {
    const old = cached;
    try {
      cached = await fetchSecret(options, old === null ? deadline : short(deadline, attempts));
      freshUntilEpochMs = clock.nowEpochMs() + maxAgeMs;
      return cached;
    } catch (error) {
      if (old === null) throw error;
      freshUntilEpochMs = clock.nowEpochMs() + Math.min(REFRESH_PAUSE_MS, maxAgeMs);
      return old;
    }
  };
  return {
    read: (deadline) => {
      if (cached !== null && clock.nowEpochMs() < freshUntilEpochMs) return Promise.resolve(cached);
      fetching ??= refresh(deadline).finally(() => (fetching = null));
      return fetching;
    },
    invalidate: (refused) => {
      if (cached === refused) freshUntilEpochMs = 0;
    },
  };
}

/** With an old value at hand, one attempt's time is all that a payment waits for a newer one. */
function short(deadline: Deadline, { clock, attemptTimeoutMs }: AttemptOptions): Deadline {
  return { atEpochMs: Math.min(deadline.atEpochMs, clock.nowEpochMs() + attemptTimeoutMs) };
}

async function fetchSecret(options: SecretSourceOptions, deadline: Deadline): Promise<string> {
  const command = new GetSecretValueCommand({ SecretId: options.secretName });
  const answer = await attemptAws(
    'gateway secret',
    (abortSignal) => options.client.send(command, { abortSignal }),
    deadline,
    options.attempts,
  ).catch((error: unknown) => {
    // A read has no effect that could be unknown, and whoever charges must not take it for one.
    if (!(error instanceof AppError) || error.code !== 'outcome_unknown') throw error;
    throw new AppError('unavailable', error.message, { cause: error.cause });
  });
  const secret = secretIn(answer.SecretString ?? '');
  if (TOKEN.test(secret)) return secret;
  const mend = 'store a bearer token as plain text, or JSON with it in "api_key"';
  throw new AppError('internal_error', `gateway secret: not usable; ${mend}`);
}

function secretIn(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return trimmed;
  try {
    const { api_key: key } = JSON.parse(trimmed) as { api_key?: unknown };
    return typeof key === 'string' ? key : '';
  } catch {
    // The parser's own error quotes the text.
    return '';
  }
}

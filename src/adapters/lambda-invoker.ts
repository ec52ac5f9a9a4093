/** Invokes functions of the same Region by name. */

import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { AppError } from '#core/app-error.ts';
import type { Clock, Deadline } from '#core/ports.ts';
import { createCountdown } from './countdown.ts';

export interface LambdaInvoker {
  /** Waits for the answer, parsed from JSON. Throws `AppError` `unavailable`: it failed, or none came in time. */
  ask(functionName: string, event: unknown, deadline: Deadline): Promise<unknown>;
  /** Hands the event over and does not wait for the function. Throws `AppError` likewise. */
  tell(functionName: string, event: unknown, deadline: Deadline): Promise<void>;
}

export function createLambdaInvoker(options: {
  readonly client: Pick<LambdaClient, 'send'>;
  readonly clock: Clock;
}): LambdaInvoker {
  const invoke = async (
    functionName: string,
    event: unknown,
    deadline: Deadline,
    type: 'RequestResponse' | 'Event',
  ) => {
    const leftMs = Math.floor(createCountdown(deadline, options.clock).leftMs());
    if (leftMs < 1) throw new AppError('unavailable', `${functionName}: no time left to invoke it`);
    try {
      return await options.client.send(
        new InvokeCommand({
          FunctionName: functionName,
          InvocationType: type,
          Payload: new TextEncoder().encode(JSON.stringify(event)),
        }),
        { abortSignal: AbortSignal.timeout(leftMs) },
      );
    } catch (cause) {
      const name = cause instanceof Error ? cause.name : 'not an error';
      throw new AppError('unavailable', `${functionName}: ${name}`, { cause });
    }
  };
  return {
    async ask(functionName, event, deadline) {
      const answer = await invoke(functionName, event, deadline, 'RequestResponse');
      if (answer.FunctionError !== undefined) {
        throw new AppError('unavailable', `${functionName}: it failed (${answer.FunctionError})`);
      }
      const text = new TextDecoder().decode(answer.Payload);
      try {
        return JSON.parse(text === '' ? 'null' : text) as unknown;
      } catch (cause) {
        throw new AppError('unavailable', `${functionName}: its answer is no JSON`, { cause });
      }
    },
    async tell(functionName, event, deadline) {
      await invoke(functionName, event, deadline, 'Event');
    },
  };
}

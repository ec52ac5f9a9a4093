/**
 * The process of one Region. A supervisor forks it and speaks with it over IPC (`protocol.ts`); when
 * the supervisor is gone, so is the Region.
 */

import { flushCompileCache } from 'node:module';
import type { FromRegion, InvokeRequest, ToRegion } from './protocol.ts';
import { RegionStartError } from './region-start-error.ts';
import { type RunningRegion, startRegion } from './start-region.ts';

/** How long a stopping Region waits for the requests in flight. */
const STOP_GRACE_MS = 2_000;

if (process.send === undefined) {
  process.stderr.write(
    "This is a Region's process of the twin. It is forked by the twin's supervisor and does not " +
      'run by itself: start the twin instead.\n',
  );
  process.exit(2);
}

let region: RunningRegion | null = null;

// What a terminal or a service manager sends to the whole group is for the supervisor to decide.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToRegion) => {
  switch (message.type) {
    case 'start':
      void start(message);
      return;
    case 'api-faults':
      region?.setApiFaults(message.faults);
      return;
    case 'invoke':
      void invoke(message);
      return;
    case 'stop':
      void stop();
  }
});

async function start(message: Extract<ToRegion, { type: 'start' }>): Promise<void> {
  try {
    region = await startRegion(message.config, (batch) => send({ type: 'metrics', batch }));
    send({ type: 'ready', apiPort: region.apiPort });
    // A Region that is killed never comes to the exit at which Node writes its cache.
    flushCompileCache();
  } catch (error) {
    const text =
      error instanceof RegionStartError
        ? error.message
        : `Region ${message.config.model.region} failed to start: ${(error as Error).stack}`;
    send({ type: 'failed', message: text }, () => process.exit(1));
  }
}

async function invoke({ callId, functionArn, event, requestId }: InvokeRequest): Promise<void> {
  const outcome =
    region === null
      ? ({ kind: 'crashed', reason: 'the Region has not started' } as const)
      : await region.invoke(functionArn, event, requestId);
  send({ type: 'outcome', callId, outcome });
}

async function stop(): Promise<void> {
  await region?.stop(STOP_GRACE_MS);
  process.exit(0);
}

function send(message: FromRegion, onSent: () => void = () => undefined): void {
  process.send?.(message, onSent);
}

/** The supervisor's handle on a Region: one child process that can be killed, frozen and thawed. */

import { type ChildProcess, fork } from 'node:child_process';

import type { MetricBatch } from '../cloudwatch/metric-batch.ts';
import type { InvocationOutcome } from './lambda/invocation.ts';
import type { ApiFaults, FromRegion, RegionProcessConfig, ToRegion } from './protocol.ts';

export interface RegionProcess {
  readonly pid: number;
  /** Port of the REST API on 127.0.0.1; null without one. */
  readonly apiPort: number | null;
  /** SIGKILL: the Region is lost at once, with all that is in flight. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. Throws when the process has ended. */
  freeze(): void;
  /** SIGCONT: it goes on where it was. Throws when the process has ended. */
  thaw(): void;
  /** Sets the faults on the Region's API; nothing happens when the process has ended. */
  setApiFaults(faults: ApiFaults): void;
  /**
   * Invokes a function of the Region. Never rejects: `crashed` when the process ends meanwhile or has
   * ended. One that is frozen answers when it is thawed or killed.
   */
  invoke(functionArn: string, event: string, requestId: string): Promise<InvocationOutcome>;
  /**
   * Lets requests in flight finish for a moment, then ends the process; one that is frozen or does
   * not end in time is killed. Resolves when it is gone.
   */
  stop(): Promise<void>;
}

export interface RegionExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether `kill`, `stop` or a failed start brought it about. */
  readonly expected: boolean;
  /** The end of what it wrote to stderr; empty when it wrote nothing. */
  readonly stderrTail: string;
}

export interface RegionProcessEvents {
  /** As soon as the process exists, before it serves: note the pid, so that no process is left. */
  readonly onSpawn: (pid: number) => void;
  /** Once, when the process has ended, also when it never became ready. */
  readonly onExit: (exit: RegionExit) => void;
  /** Several times a second while there is something to tell. @default nobody is told */
  readonly onMetrics?: (batch: MetricBatch) => void;
}

/** Longest time until a Region serves. */
const READY_TIMEOUT_MS = 60_000;
/** Longest time for `stop`, above the child's own grace for requests in flight. */
const STOP_TIMEOUT_MS = 5_000;
/** Space for new objects, as V8 counts it (a third); its default would double the memory under load. */
const SEMI_SPACE_MB = 4;
const STDERR_TAIL_CHARACTERS = 4_000;

/**
 * Forks a Region's process and resolves when its API listens and its functions are loaded.
 *
 * Rejects with an Error for the person who started the twin: the process's own reason (a port that
 * is taken, a bundle that can't be loaded), its last words when it died, or a timeout. The process
 * is gone by then.
 */
export async function spawnRegion(
  config: RegionProcessConfig,
  events: RegionProcessEvents,
): Promise<RegionProcess> {
  const child = fork(new URL('./main.ts', import.meta.url), {
    execArgv: [`--max-semi-space-size=${SEMI_SPACE_MB}`],
    // Of the supervisor's environment, the cache of compiled code alone. Lambda runs in UTC.
    env: { TZ: 'UTC', ...compileCache() },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderrTail = '';
  let isExpected = false;
  let isFrozen = false;
  let hasEnded = false;
  const { promise: gone, resolve: markGone } = Promise.withResolvers<void>();
  const invocations = new Map<number, (outcome: InvocationOutcome) => void>();
  let lastCallId = 0;

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderrTail = (stderrTail + text).slice(-STDERR_TAIL_CHARACTERS);
  });
  // Sending to a process that is going away fails; `exit` tells the rest.
  child.on('error', () => undefined);
  child.once('close', (code, signal) => {
    hasEnded = true;
    for (const settle of invocations.values()) settle(ENDED);
    invocations.clear();
    markGone();
    events.onExit({ code, signal, expected: isExpected, stderrTail });
  });
  child.on('message', (message: FromRegion) => {
    if (message.type === 'metrics') events.onMetrics?.(message.batch);
    if (message.type !== 'outcome') return;
    invocations.get(message.callId)?.(message.outcome);
    invocations.delete(message.callId);
  });
  const killWithSupervisor = () => child.kill('SIGKILL');
  process.once('exit', killWithSupervisor);
  void gone.then(() => process.off('exit', killWithSupervisor));

  function kill(): Promise<void> {
    isExpected = true;
    if (!hasEnded) child.kill('SIGKILL');
    return gone;
  }

  function signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    if (hasEnded || !child.kill(name)) {
      throw new Error(`Region ${config.model.region} has no running process to send ${name} to.`);
    }
    isFrozen = name === 'SIGSTOP';
  }

  const pid = child.pid;
  if (pid !== undefined) events.onSpawn(pid);
  let apiPort: number | null;
  try {
    apiPort = await untilReady(child, config, () => stderrTail);
  } catch (error) {
    // A process that could not be spawned never closes.
    if (pid !== undefined) await kill();
    throw error;
  }

  return {
    pid: pid as number,
    apiPort,
    kill,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    setApiFaults: (faults) => send(child, { type: 'api-faults', faults }),
    invoke(functionArn, event, requestId) {
      if (hasEnded || !child.connected) return Promise.resolve(ENDED);
      lastCallId += 1;
      const callId = lastCallId;
      const { promise, resolve } = Promise.withResolvers<InvocationOutcome>();
      invocations.set(callId, resolve);
      send(child, { type: 'invoke', callId, functionArn, event, requestId });
      return promise;
    },
    async stop() {
      if (hasEnded || isFrozen) return kill();
      isExpected = true;
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      send(child, { type: 'stop' });
      await gone;
      clearTimeout(timer);
    },
  };
}

const ENDED: InvocationOutcome = { kind: 'crashed', reason: "the Region's process has ended" };

function compileCache(): Record<string, string> {
  const folder = process.env['NODE_COMPILE_CACHE'];
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}

/** The API's port. Rejects with the reason for the person who started the twin. */
function untilReady(
  child: ChildProcess,
  config: RegionProcessConfig,
  stderrTail: () => string,
): Promise<number | null> {
  const { region } = config.model;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new Error(
          `Region ${region} did not start within ${READY_TIMEOUT_MS / 1000} s. ` +
            `Its logs are in ${config.logDirectory}.`,
        ),
      );
    }, READY_TIMEOUT_MS);
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      finish();
    };
    child.once('error', (cause) => {
      settle(() => reject(new Error(`Region ${region} could not be started.`, { cause })));
    });
    child.once('close', (code, signal) => {
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      const words = stderrTail().trim();
      settle(() =>
        reject(new Error(`Region ${region} ended ${how} before it was ready. ${words}`.trim())),
      );
    });
    child.on('message', (message: FromRegion) => {
      if (message.type === 'ready') settle(() => resolve(message.apiPort));
      else if (message.type === 'failed') settle(() => reject(new Error(message.message)));
    });
    send(child, { type: 'start', config });
  });
}

/** A message that the process no longer takes is dropped. */
function send(child: ChildProcess, message: ToRegion): void {
  if (child.connected) child.send(message, () => undefined);
}

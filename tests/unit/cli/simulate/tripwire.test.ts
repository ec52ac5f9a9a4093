import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSimHost } from '#cli/simulate/sim-host.ts';
import { armTripwire, type Tripwire } from '#cli/simulate/tripwire.ts';

// Each test starts threads, and a busy machine is no fault of theirs.
vi.setConfig({ testTimeout: 60_000 });

let tripwire: Tripwire;

beforeEach(() => {
  tripwire = armTripwire();
});
afterEach(() => tripwire.disarm());

/** One step that does it, driven as a simulation is. */
function driven(touch: () => unknown): Promise<void> {
  return createSimHost(tripwire).drive(() => {
    touch();
    return false;
  });
}

const LEAKS: readonly (readonly [name: string, touch: () => unknown])[] = [
  ['Date.now', () => Date.now()],
  ['new Date()', () => new Date()],
  ['new Date(local time)', () => new Date(2026, 0, 1)],
  ['Date', () => Date()],
  ['Date.prototype.getTimezoneOffset', () => new Date(0).getTimezoneOffset()],
  ['Date.prototype.getHours', () => new Date(0).getHours()],
  ['performance.now', () => performance.now()],
  ['performance.timeOrigin', () => performance.timeOrigin],
  ['Math.random', () => Math.random()],
  ['crypto.randomUUID', () => crypto.randomUUID()],
  ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(1))],
  ['crypto.subtle', () => crypto.subtle],
  ['setTimeout', () => setTimeout(() => undefined, 0)],
  ['setInterval', () => setInterval(() => undefined, 1_000)],
  ['setImmediate', () => setImmediate(() => undefined)],
  ['process.nextTick', () => process.nextTick(() => undefined)],
  ['process.hrtime', () => process.hrtime.bigint()],
  ['process.uptime', () => process.uptime()],
  ['process.memoryUsage', () => process.memoryUsage()],
  ['process.cpuUsage', () => process.cpuUsage()],
  ['process.env', () => process.env['HOME']],
  ['process.getBuiltinModule', () => process.getBuiltinModule('node:fs')],
  ['navigator.hardwareConcurrency', () => navigator.hardwareConcurrency],
  ['console.log', () => console.log('said')],
  ['fetch', () => fetch('http://127.0.0.1:1/')],
  ['WebSocket', () => new WebSocket('ws://127.0.0.1:1/')],
  ['BroadcastChannel', () => new BroadcastChannel('leak')],
  ['MessageChannel', () => new MessageChannel()],
  ['Event', () => new Event('timed')],
  ['Buffer.allocUnsafe', () => Buffer.allocUnsafe(8)],
  ['AbortSignal.timeout', () => AbortSignal.timeout(1_000)],
  ['Atomics.wait', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1)],
  ['WeakRef', () => new WeakRef({})],
  ['FinalizationRegistry', () => new FinalizationRegistry(() => undefined)],
  ['Intl.DateTimeFormat', () => new Intl.DateTimeFormat()],
  ['String.prototype.localeCompare', () => 'a'.localeCompare('b')],
  ['Number.prototype.toLocaleString', () => (1_000).toLocaleString()],
];

describe('armTripwire', () => {
  it.each(LEAKS)('fails a run that touches %s', async (what, touch) => {
    await expect(driven(touch)).rejects.toMatchObject({ name: 'TripwireError', what });
  });

  it('fails a run that swallows the error', async () => {
    const swallowing = driven(() => {
      try {
        Math.random();
      } catch {
        return;
      }
    });
    await expect(swallowing).rejects.toMatchObject({ what: 'Math.random' });
  });

  it('fails a run that touches it in a promise reaction', async () => {
    let steps = 0;
    const run = createSimHost(tripwire).drive(() => {
      steps += 1;
      void Promise.resolve()
        .then(() => crypto.randomUUID())
        .catch(() => undefined);
      return steps < 2;
    });
    await expect(run).rejects.toMatchObject({ what: 'crypto.randomUUID' });
  });

  it('fails a run that took hold of it beforehand', async () => {
    const { now } = performance;
    const random = Math.random;
    await expect(driven(() => now())).rejects.toMatchObject({ what: 'performance.now' });
    await expect(driven(() => random())).rejects.toMatchObject({ what: 'Math.random' });
  });

  it('lets a run do what is the same everywhere', async () => {
    const run = driven(() => {
      queueMicrotask(() => undefined);
      return [new Date(0).toISOString(), Date.UTC(2026, 0), structuredClone({ a: 1 }), Math.max(1)];
    });
    await expect(run).resolves.toBeUndefined();
  });

  it('lets the thread itself do anything between runs', async () => {
    await driven(() => undefined);
    expect(Date.now()).toBeGreaterThan(0);
    expect(new Date() instanceof Date).toBe(true);
    expect(crypto.randomUUID()).toHaveLength(36);
    expect(performance.now()).toBeGreaterThan(0);
    expect(Buffer.from('a').toString('hex')).toBe('61');
    expect(new Intl.NumberFormat('en-US').format(1_000)).toBe('1,000');
    await new Promise((resolve) => setTimeout(resolve, 0));
  });

  it('guards every global that is not known to be harmless', () => {
    tripwire.disarm();
    const before = new Map(properties().map((name) => [name, descriptor(name)]));
    tripwire = armTripwire();
    const same = properties().filter((name) => isSame(before.get(name), descriptor(name)));
    expect(same.filter((name) => !KNOWN.includes(name))).toEqual([]);
    expect(same.length).toBeGreaterThan(50);
  });

  it('puts everything back when it is disarmed', () => {
    tripwire.disarm();
    const native = [Date, Math.random, setTimeout, fetch, crypto, process];
    const armed = armTripwire();
    expect(Date).not.toBe(native[0]);
    armed.disarm();
    expect([Date, Math.random, setTimeout, fetch, crypto, process]).toEqual(native);
    expect(Date).toBe(native[0]);
    tripwire = armTripwire();
  });

  it('rejects to be armed twice', () => {
    expect(() => armTripwire()).toThrow('armed already');
  });
});

describe('its module hook', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tripwire-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ["import { randomUUID } from 'node:crypto'; randomUUID();", 'node:crypto'],
    ["import { setTimeout } from 'timers/promises'; await setTimeout(1);", 'timers/promises'],
    ["const { readFileSync } = await import('node:fs'); readFileSync;", 'node:fs'],
  ])('refuses %s in a pure folder', async (text, specifier) => {
    writeFileSync(join(folder, 'leaky.mjs'), text);
    const said = await importArmed(join(folder, 'leaky.mjs'), folder);
    expect(said).toContain(`TripwireError: the simulation touched ${specifier} (imported by`);
  });

  it('lets pure modules import one another', async () => {
    writeFileSync(join(folder, 'other.mjs'), 'export const one = 1;');
    writeFileSync(join(folder, 'pure.mjs'), "export { one } from './other.mjs';");
    expect(await importArmed(join(folder, 'pure.mjs'), folder)).toBe('imported');
  });
});

/** In a thread of its own, for Node's own loader: `imported`, or the error. */
async function importArmed(path: string, folder: string): Promise<string> {
  const tripwireUrl = new URL('../../../../src/cli/simulate/tripwire.ts', import.meta.url).href;
  const text = `
    import { parentPort } from 'node:worker_threads';
    const { armTripwire } = await import(${JSON.stringify(tripwireUrl)});
    armTripwire({ pureFolders: [${JSON.stringify(`${pathToFileURL(folder).href}/`)}] });
    await import(${JSON.stringify(pathToFileURL(path).href)}).then(
      () => parentPort.postMessage('imported'),
      (error) => parentPort.postMessage(error.name + ': ' + error.message),
    );`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(text)}`));
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  } finally {
    await worker.terminate();
  }
}

/** But for the test runner's own. */
function properties(): readonly string[] {
  return Object.getOwnPropertyNames(globalThis).filter((name) => !name.startsWith('__vitest'));
}

function descriptor(name: string): PropertyDescriptor | undefined {
  return Object.getOwnPropertyDescriptor(globalThis, name);
}

function isSame(one?: PropertyDescriptor, two?: PropertyDescriptor): boolean {
  return Object.is(one?.value, two?.value) && Object.is(one?.get, two?.get);
}

/** Harmless, each for its own reason: pure computation, or no more than a constant. */
const KNOWN = [
  ...'Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String'.split(
    ' ',
  ),
  ...'Symbol Promise RegExp Error AggregateError EvalError RangeError ReferenceError'.split(' '),
  ...'SyntaxError TypeError URIError SuppressedError JSON Math Map BigInt Set WeakMap'.split(' '),
  ...'WeakSet Proxy Reflect decodeURI decodeURIComponent encodeURI encodeURIComponent'.split(' '),
  ...'escape unescape eval isFinite isNaN globalThis global ArrayBuffer SharedArrayBuffer'.split(
    ' ',
  ),
  ...'DataView Atomics Iterator AsyncDisposableStack DisposableStack Int8Array Uint8Array'.split(
    ' ',
  ),
  ...'Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array'.split(' '),
  ...'Float32Array Float64Array BigInt64Array BigUint64Array AbortController AbortSignal'.split(
    ' ',
  ),
  ...'DOMException TextDecoder TextEncoder URL URLSearchParams atob btoa clearImmediate'.split(' '),
  ...'clearInterval clearTimeout queueMicrotask structuredClone'.split(' '),
];

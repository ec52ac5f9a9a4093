/**
 * The tripwire: while a simulation runs in this thread, whatever leaks time, chance or the outside world into it
 * throws, and names itself.
 *
 * Everything global that is not of the language itself, or on a short list of what can do no harm, is behind it, so
 * that what a later Node adds is behind it too. Outside of a run it all works as ever. A module hook refuses imports
 * that lead out of the pure folders: `import { randomUUID } from 'node:crypto'` is no global that could be replaced.
 */

import { registerHooks } from 'node:module';

/** `what`: what was touched, as it is written in code. */
export class TripwireError extends Error {
  override readonly name = 'TripwireError';
  readonly what: string;

  constructor(what: string) {
    super(`the simulation touched ${what}: what it needs of the world must come through a port`);
    this.what = what;
  }
}

export interface Tripwire {
  /** From here on the thread is inside a run. */
  enter(): void;
  leave(): void;
  /** The first trip since the last call, also one whose error was swallowed; null: none. */
  takeTrip(): TripwireError | null;
  /** Puts everything back as it was. */
  disarm(): void;
}

export interface TripwireOptions {
  /** URLs of folders, each with its final slash, whose modules may import from these folders alone. */
  readonly pureFolders?: readonly string[];
}

/** What a run is made of. Source: docs/architecture.md. */
const PURE_FOLDERS = ['src/core/', 'src/sim/', 'src/contract/', 'sdk/src/'].map(
  (path) => new URL(`../../../${path}`, import.meta.url).href,
);

/** Of the language, the same in every thread, at every time and on every machine. */
const LANGUAGE = [
  ...['AggregateError', 'Array', 'ArrayBuffer', 'AsyncDisposableStack', 'Atomics', 'BigInt'],
  ...['BigInt64Array', 'BigUint64Array', 'Boolean', 'DataView', 'DisposableStack', 'Error'],
  ...['EvalError', 'Float16Array', 'Float32Array', 'Float64Array', 'Function', 'Infinity'],
  ...['Int16Array', 'Int32Array', 'Int8Array', 'Iterator', 'JSON', 'Map', 'Math', 'NaN', 'Number'],
  ...['Object', 'Promise', 'Proxy', 'RangeError', 'ReferenceError', 'Reflect', 'RegExp', 'Set'],
  ...['SharedArrayBuffer', 'String', 'SuppressedError', 'Symbol', 'SyntaxError', 'TypeError'],
  ...['URIError', 'Uint16Array', 'Uint32Array', 'Uint8Array', 'Uint8ClampedArray', 'WeakMap'],
  ...['WeakSet', 'decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'escape'],
  ...['eval', 'isFinite', 'isNaN', 'parseFloat', 'parseInt', 'undefined', 'unescape'],
  ...['global', 'globalThis'],
];

/** Of Node, and just as pure: a microtask runs when a promise's reaction would. */
const HARMLESS = [
  ...['AbortController', 'AbortSignal', 'DOMException', 'TextDecoder', 'TextEncoder', 'URL'],
  ...['URLSearchParams', 'atob', 'btoa', 'clearImmediate', 'clearInterval', 'clearTimeout'],
  ...['queueMicrotask', 'structuredClone'],
];

/** Methods that leak, of things that otherwise do not. */
const METHODS: readonly (readonly [owner: object, name: string, methods: readonly string[]])[] = [
  [Math, 'Math', ['random']],
  [Atomics, 'Atomics', ['wait', 'waitAsync']],
  [AbortSignal, 'AbortSignal', ['timeout']],
  // What these say depends on the machine's language, and on the Unicode tables of its Node.
  [
    String.prototype,
    'String.prototype',
    ['localeCompare', 'toLocaleLowerCase', 'toLocaleUpperCase'],
  ],
  [Number.prototype, 'Number.prototype', ['toLocaleString']],
  [BigInt.prototype, 'BigInt.prototype', ['toLocaleString']],
  [Array.prototype, 'Array.prototype', ['toLocaleString']],
  // And these on its time zone.
  [Date.prototype, 'Date.prototype', localTimeMethods()],
];

type Callable = (...args: unknown[]) => unknown;

let isArmed = false;
let isInside = false;
let trip: TripwireError | null = null;

/**
 * Arms this thread; once at a time. What the simulation consists of is to be loaded afterwards, so that whatever it
 * takes hold of while it loads is behind the wire as well.
 */
export function armTripwire({ pureFolders = PURE_FOLDERS }: TripwireOptions = {}): Tripwire {
  if (isArmed) throw new Error('the tripwire of this thread is armed already');
  isArmed = true;
  const undo: (() => void)[] = [];
  for (const [owner, name, methods] of METHODS) {
    for (const method of methods) replace(owner, method, `${name}.${method}`, undo);
  }
  const free = new Set<string>([...LANGUAGE, ...HARMLESS]);
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!free.has(name)) replace(globalThis, name, name, undo);
  }
  const hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const { parentURL } = context;
      const isPure = (url: string): boolean => pureFolders.some((folder) => url.startsWith(folder));
      if (parentURL !== undefined && isPure(parentURL) && !isPure(resolved.url)) {
        throw new TripwireError(`${specifier} (imported by ${parentURL})`);
      }
      return resolved;
    },
  });
  return {
    enter: () => {
      isInside = true;
    },
    leave: () => {
      isInside = false;
    },
    takeTrip() {
      const taken = trip;
      trip = null;
      return taken;
    },
    disarm() {
      isInside = false;
      trip = null;
      isArmed = false;
      hooks.deregister();
      for (const restore of undo) restore();
    },
  };
}

/** Throws inside of a run; does nothing outside of one. */
function touch(what: string): void {
  if (!isInside) return;
  // Workers keep no stacks; this one is wanted.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 20;
  const error = new TripwireError(what);
  Error.stackTraceLimit = limit;
  trip ??= error;
  throw error;
}

/** Puts a guard in the place of a property. A getter stays one: to call it now would load half of Node. */
function replace(owner: object, key: string, name: string, undo: (() => void)[]): void {
  const before = Object.getOwnPropertyDescriptor(owner, key);
  if (before === undefined || before.configurable !== true) return;
  const { get } = before;
  if (get === undefined) {
    const guarded = guard(name, before.value);
    if (guarded === before.value) return;
    Object.defineProperty(owner, key, { ...before, value: guarded });
  } else {
    let guarded: { readonly value: unknown } | null = null;
    Object.defineProperty(owner, key, {
      ...before,
      get: () => (guarded ??= { value: guard(name, get.call(owner)) }).value,
    });
  }
  undo.push(() => Object.defineProperty(owner, key, before));
}

/** Stands for a function, a class or an object; passes everything on, except inside of a run. */
function guard(name: string, target: unknown): unknown {
  if (target === Date) return guardDate();
  if (typeof target !== 'function' && (typeof target !== 'object' || target === null))
    return target;
  const members = new Map<string, unknown>();
  const guarded: object = new Proxy(target as Callable, {
    apply(callee, self, args) {
      touch(name);
      return Reflect.apply(callee, self, args);
    },
    construct(callee, args, newTarget) {
      touch(name);
      return Reflect.construct(callee, args, newTarget === guarded ? callee : newTarget) as object;
    },
    get(object, key) {
      const value: unknown = Reflect.get(object, key, object);
      // `instanceof` and the like ask by these, and learn nothing.
      if (typeof key === 'symbol' || key === 'prototype') return value;
      touch(`${name}.${key}`);
      if (typeof value !== 'function' || isFixed(object, key)) return value;
      const known = members.get(key);
      if (known !== undefined) return known;
      const member = guardMember(`${name}.${key}`, value as Callable, guarded, object);
      members.set(key, member);
      return member;
    },
    set(object, key, value) {
      touch(`${name}.${String(key)}`);
      return Reflect.set(object, key, value, object);
    },
  });
  return guarded;
}

/** A method is called on the object itself: many of Node's insist on it. */
function guardMember(name: string, method: Callable, guarded: object, object: object): unknown {
  const member: object = new Proxy(method, {
    apply(callee, self, args) {
      touch(name);
      return Reflect.apply(callee, self === guarded ? object : self, args);
    },
    construct(callee, args, newTarget) {
      touch(name);
      return Reflect.construct(callee, args, newTarget === member ? callee : newTarget) as object;
    },
  });
  return member;
}

/** A Date of a given moment is arithmetic; one of now, or of local time, is not. */
function guardDate(): unknown {
  const guarded: object = new Proxy(Date, {
    apply(callee, self, args) {
      touch('Date');
      return Reflect.apply(callee, self, args) as unknown;
    },
    construct(callee, args, newTarget) {
      if (args.length !== 1) touch(args.length === 0 ? 'new Date()' : 'new Date(local time)');
      return Reflect.construct(callee, args, newTarget === guarded ? callee : newTarget) as object;
    },
    get(object, key) {
      return key === 'now' ? now : (Reflect.get(object, key, object) as unknown);
    },
  });
  const now = guardMember('Date.now', Date.now, guarded, Date);
  return guarded;
}

/** A proxy must show such a property as it is. */
function isFixed(object: object, key: string): boolean {
  const own = Object.getOwnPropertyDescriptor(object, key);
  return own !== undefined && own.configurable === false && own.writable === false;
}

function localTimeMethods(): readonly string[] {
  const isLocal = /^(?:[gs]et(?!UTC|Time$)|to(?:Locale|Date|Time|String))/;
  return Object.getOwnPropertyNames(Date.prototype).filter((name) => isLocal.test(name));
}

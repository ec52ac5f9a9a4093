/**
 * Reads members of parsed JSON, with errors that say where the member stands.
 *
 * CloudFormation accepts `"30"` for 30 and `"true"` for true, and so do these readers. A member that
 * is absent and a member that is null are the same. Every reader throws `AssemblyError` on the wrong
 * shape; those without a fallback also when the member is absent.
 */

import { AssemblyError } from './assembly-error.ts';

export class Fields {
  /** Where the object stands, for messages: `TapStack/Queue (AWS::SQS::Queue)`. */
  readonly where: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(value: unknown, where: string) {
    if (!isObject(value)) throw new AssemblyError(`${where} is not an object.`);
    this.where = where;
    this.#values = value;
  }

  names(): string[] {
    return Object.keys(this.#values).filter((name) => this.has(name));
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** The value as it stands; undefined when absent or null. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? undefined) : undefined;
  }

  string(name: string): string {
    return this.optionalString(name) ?? this.#missing(name);
  }

  optionalString(name: string): string | null {
    const value = this.raw(name);
    if (value === undefined) return null;
    return scalarText(value) ?? this.#wrong(name, 'a string', value);
  }

  number(name: string, fallback: number): number {
    const value = this.raw(name);
    if (value === undefined) return fallback;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number))
      this.#wrong(name, 'a number', value);
    return number as number;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.raw(name);
    if (value === undefined) return fallback;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    return this.#wrong(name, 'true or false', value);
  }

  /** A member object; an empty one when absent. */
  object(name: string): Fields {
    return new Fields(this.raw(name) ?? {}, `${this.where}: ${name}`);
  }

  /** A list; an empty one when absent. */
  list(name: string): readonly unknown[] {
    const value = this.raw(name) ?? [];
    return Array.isArray(value) ? value : this.#wrong(name, 'a list', value);
  }

  objects(name: string): Fields[] {
    return this.list(name).map(
      (entry, index) => new Fields(entry, `${this.where}: ${name}[${index}]`),
    );
  }

  strings(name: string): string[] {
    return this.list(name).map(
      (entry, index) => scalarText(entry) ?? this.#wrong(`${name}[${index}]`, 'a string', entry),
    );
  }

  /** An object of strings; an empty one when absent. */
  stringMap(name: string): Record<string, string> {
    const object = this.object(name);
    return Object.fromEntries(object.names().map((key) => [key, object.string(key)]));
  }

  #missing(name: string): never {
    throw new AssemblyError(`${this.where}: ${name} is missing.`);
  }

  #wrong(name: string, wanted: string, value: unknown): never {
    throw new AssemblyError(`${this.where}: ${name} must be ${wanted}, not ${excerpt(value)}.`);
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a string, number or boolean; null for everything else. */
export function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** A value for a message: JSON, cut at 120 characters. */
export function excerpt(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

/** Reads the members of an object in a fault script, and says what to mend where one is wrong. */

/** The script is wrong. The message names the place, the value and the mend. */
export class FaultScriptError extends Error {
  override readonly name = 'FaultScriptError';
}

/** One object of the script. Every method throws `FaultScriptError`. */
export class Members {
  readonly #members: ReadonlyMap<string, unknown>;
  readonly #place: string;

  /** `place`: what to call it; `known`: the members that it may have. All of them are asked for by name. */
  constructor(value: unknown, place: string, known: readonly string[]) {
    this.#place = place;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new FaultScriptError(`${place} is ${show(value)}: make it an object.`);
    }
    this.#members = new Map(Object.entries(value));
    for (const name of this.#members.keys()) {
      if (known.includes(name)) continue;
      throw new FaultScriptError(
        `${place} has no member "${name}": leave it out; it has ${known.join(', ')}.`,
      );
    }
  }

  /** Anything but nothing. */
  value(name: string): unknown {
    const value = this.#members.get(name);
    if (value === undefined) this.#refuse(name, value, 'put it in');
    return value;
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value === 'string' && value !== '') return value;
    return this.#refuse(name, value, 'use a text that is not empty');
  }

  flag(name: string): boolean {
    const value = this.value(name);
    return typeof value === 'boolean' ? value : this.#refuse(name, value, 'use true or false');
  }

  list(name: string): readonly unknown[] {
    const value = this.value(name);
    return Array.isArray(value) ? (value as unknown[]) : this.#refuse(name, value, 'use a list');
  }

  choice<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.value(name);
    const found = choices.find((choice) => choice === value);
    return found ?? this.#refuse(name, value, `use one of ${choices.join(', ')}`);
  }

  /** A whole number from `min` to `max`. */
  whole(name: string, min: number, max: number): number {
    const value = this.value(name);
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    return this.#refuse(name, value, `use a whole number from ${min} to ${max}`);
  }

  /** The same, or null. */
  wholeOrNull(name: string, min: number, max: number): number | null {
    return this.value(name) === null ? null : this.whole(name, min, max);
  }

  /** A share above 0 and up to 1. */
  share(name: string): number {
    const value = this.value(name);
    if (typeof value === 'number' && value > 0 && value <= 1) return value;
    return this.#refuse(name, value, 'use a share above 0 and up to 1');
  }

  #refuse(name: string, value: unknown, mend: string): never {
    throw new FaultScriptError(`${this.#place}.${name} is ${show(value)}: ${mend}.`);
  }
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}

/** Randomness from a seed: one independent stream for each subsystem, so that a change in one moves no other. */

/** A stream of draws. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** A whole number, both ends included. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
}

/**
 * The stream `name` of a seed. The generator is sfc32 (Chris Doty-Humphrey, PractRand), its state filled from
 * seed and name, and stirred twelve times as its author advises.
 */
export function createRandom(seed: number, name: string): Random {
  return new Sfc32(seed, name);
}

class Sfc32 implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, name: string) {
    // Seeds are whole numbers below 2^53: both halves count.
    this.#a = Math.trunc(seed / 0x1_0000_0000) | 0;
    this.#b = seed | 0;
    this.#c = textHash(name);
    for (let round = 0; round < 12; round += 1) this.#draw();
  }

  next(): number {
    return (this.#draw() >>> 0) / 0x1_0000_0000;
  }

  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    // No draw where there is no choice: a fault that is off costs nothing.
    return probability > 0 && this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)] as T;
  }

  #draw(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + result) | 0;
    return result;
  }
}

/** FNV-1a over UTF-16 code units, 32 bits, as a signed number. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash | 0;
}

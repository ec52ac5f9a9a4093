/**
 * A strict JSON reader (RFC 8259) that keeps what JSON.parse loses: the source text of numbers and
 * the fact that a key came twice. It also bounds the depth, so hostile nesting can't exhaust the stack.
 */

export type JsonValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** `source`: the number exactly as it was written. */
  | { readonly kind: 'number'; readonly source: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly JsonValue[] }
  /** A Map, so that `__proto__` is a key like any other. */
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, JsonValue> };

export type JsonResult =
  | { readonly kind: 'value'; readonly value: JsonValue }
  | { readonly kind: 'invalid_json'; readonly offset: number }
  | { readonly kind: 'duplicate_field'; readonly key: string }
  | { readonly kind: 'nesting_too_deep' };

/** Objects and arrays within each other, at most. A payment needs one level. */
export const JSON_DEPTH_MAX = 16;

/** Parses one JSON text. Pure; never throws. Offsets count UTF-16 code units from 0. */
export function parseStrictJson(text: string): JsonResult {
  const reader = new Reader(text);
  try {
    const value = reader.document();
    return { kind: 'value', value };
  } catch (error) {
    if (error instanceof Refusal) return error.result;
    throw error;
  }
}

/** Carries a refusal out of the recursion; never leaves this file. */
class Refusal extends Error {
  readonly result: JsonResult;
  constructor(result: JsonResult) {
    super(result.kind);
    this.result = result;
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Reader {
  readonly #text: string;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    this.#skipWhiteSpace();
    const value = this.#value(0);
    this.#skipWhiteSpace();
    if (this.#offset < this.#text.length) throw this.#invalid();
    return value;
  }

  #value(depth: number): JsonValue {
    switch (this.#text[this.#offset]) {
      case '{':
        return this.#object(depth + 1);
      case '[':
        return this.#array(depth + 1);
      case '"':
        return { kind: 'string', value: this.#string() };
      case 't':
        return this.#literal('true', { kind: 'boolean', value: true });
      case 'f':
        return this.#literal('false', { kind: 'boolean', value: false });
      case 'n':
        return this.#literal('null', { kind: 'null' });
      default:
        return { kind: 'number', source: this.#match(NUMBER) };
    }
  }

  #object(depth: number): JsonValue {
    this.#enter(depth);
    const members = new Map<string, JsonValue>();
    if (this.#take('}')) return { kind: 'object', members };
    do {
      this.#skipWhiteSpace();
      if (this.#text[this.#offset] !== '"') throw this.#invalid();
      const key = this.#string();
      if (members.has(key)) throw new Refusal({ kind: 'duplicate_field', key });
      this.#skipWhiteSpace();
      this.#expect(':');
      this.#skipWhiteSpace();
      members.set(key, this.#value(depth));
      this.#skipWhiteSpace();
    } while (this.#take(','));
    this.#expect('}');
    return { kind: 'object', members };
  }

  #array(depth: number): JsonValue {
    this.#enter(depth);
    const items: JsonValue[] = [];
    if (this.#take(']')) return { kind: 'array', items };
    do {
      this.#skipWhiteSpace();
      items.push(this.#value(depth));
      this.#skipWhiteSpace();
    } while (this.#take(','));
    this.#expect(']');
    return { kind: 'array', items };
  }

  #enter(depth: number): void {
    if (depth > JSON_DEPTH_MAX) throw new Refusal({ kind: 'nesting_too_deep' });
    this.#offset += 1;
    this.#skipWhiteSpace();
  }

  #string(): string {
    this.#expect('"');
    let value = '';
    for (;;) {
      const from = this.#offset;
      this.#skipPlain();
      value += this.#text.slice(from, this.#offset);
      if (this.#take('"')) return value;
      this.#expect('\\');
      value += this.#escape();
    }
  }

  /** Up to a quote, a backslash or a control character (RFC 8259, section 7), or the end. */
  #skipPlain(): void {
    for (; this.#offset < this.#text.length; this.#offset += 1) {
      const unit = this.#text.charCodeAt(this.#offset);
      if (unit === 0x22 || unit === 0x5c || unit < 0x20) return;
    }
  }

  #escape(): string {
    const letter = this.#text[this.#offset] ?? '';
    if (letter === 'u') {
      const hex = this.#text.slice(this.#offset + 1, this.#offset + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#invalid();
      this.#offset += 5;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const value = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (value === undefined) throw this.#invalid();
    this.#offset += 1;
    return value;
  }

  #literal(word: string, value: JsonValue): JsonValue {
    if (!this.#text.startsWith(word, this.#offset)) throw this.#invalid();
    this.#offset += word.length;
    return value;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw this.#invalid();
    this.#offset += found.length;
    return found;
  }

  /** RFC 8259, section 2: space, tab, line feed and carriage return, and nothing else. */
  #skipWhiteSpace(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#offset);
      if (unit !== 0x20 && unit !== 0x09 && unit !== 0x0a && unit !== 0x0d) return;
      this.#offset += 1;
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#offset] !== character) return false;
    this.#offset += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw this.#invalid();
  }

  #invalid(): Refusal {
    return new Refusal({ kind: 'invalid_json', offset: this.#offset });
  }
}

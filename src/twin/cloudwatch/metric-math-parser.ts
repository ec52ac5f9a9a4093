/**
 * Reads metric-math expressions: `IF(requests >= 20, 100 * faults / requests, 0)`.
 * Source: Amazon CloudWatch user guide, "Using math expressions with CloudWatch metrics".
 */

import { MetricMathError } from './metric-math-error.ts';

export const AGGREGATES = ['AVG', 'MAX', 'MIN', 'SUM'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

export type Operator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '^'
  | '<'
  | '<='
  | '>'
  | '>='
  | '=='
  | '!='
  | 'AND'
  | 'OR';

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  /** Every metric of the request, or those whose id contains the text. */
  | { readonly kind: 'metrics'; readonly containing: string }
  | { readonly kind: 'negate' | 'abs'; readonly of: Expression }
  | { readonly kind: 'aggregate'; readonly name: Aggregate; readonly of: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression | null;
    }
  | { readonly kind: 'fill'; readonly of: Expression; readonly filler: Expression | 'REPEAT' };

const TOKEN =
  /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?<name>[A-Za-z]\w*)|"(?<text>[^"]*)"|(?<sign>&&|\|\||[<>=!]=|[-+*/^<>(),[\]]))/uy;

/** Loosest first. The guide does not state the order; it is the one of arithmetic. */
const LEVELS: readonly (readonly string[])[] = [
  ['OR', '||'],
  ['AND', '&&'],
  ['<', '<=', '>', '>=', '==', '!='],
  ['+', '-'],
  ['*', '/'],
];
const SAME_OPERATOR: Readonly<Record<string, Operator>> = { '||': 'OR', '&&': 'AND' };
/** A template is no reason to run out of stack. */
const DEPTH_MAX = 50;

interface Token {
  readonly kind: 'number' | 'name' | 'text' | 'sign' | 'end';
  readonly text: string;
}

/** Throws `MetricMathError`, also for a function that the twin does not have. Pure. */
export function parseMetricMath(text: string): Expression {
  return new Parser(text).whole();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): Expression {
    const expression = this.#level(0);
    if (this.#peek().kind !== 'end') this.#unexpected();
    return expression;
  }

  #level(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#level(level + 1);
    while (operators.includes(this.#peek().text) && this.#peek().kind !== 'text') {
      const { text } = this.#take();
      const operator = SAME_OPERATOR[text] ?? (text as Operator);
      left = { kind: 'binary', operator, left, right: this.#level(level + 1) };
    }
    return left;
  }

  #unary(): Expression {
    return this.#deeper(() => {
      if (this.#accept('-')) return { kind: 'negate', of: this.#unary() };
      const base = this.#operand();
      if (!this.#accept('^')) return base;
      return { kind: 'binary', operator: '^', left: base, right: this.#unary() };
    });
  }

  #operand(): Expression {
    const token = this.#peek();
    switch (token.kind) {
      case 'number':
        this.#take();
        return { kind: 'number', value: Number(token.text) };
      case 'name':
        this.#take();
        if (this.#peek().text === '(') return this.#call(token.text);
        // Ids begin with a lower-case letter, functions and operators with an upper-case one.
        if (/^[a-z]/.test(token.text)) return { kind: 'id', id: token.text };
        throw this.#error(`${token.text} is no id: an id begins with a lower-case letter`);
      default:
        if (this.#accept('(')) {
          const inner = this.#level(0);
          this.#expect(')');
          return inner;
        }
        if (!this.#accept('[')) this.#unexpected();
        return { kind: 'list', items: this.#items(']') };
    }
  }

  #call(name: string): Expression {
    this.#expect('(');
    switch (name) {
      case 'AVG':
      case 'MAX':
      case 'MIN':
      case 'SUM':
        return { kind: 'aggregate', name, of: this.#onlyItem(name) };
      case 'ABS':
        return { kind: 'abs', of: this.#onlyItem(name) };
      case 'IF': {
        const [condition, whenTrue, whenFalse = null, ...rest] = this.#items(')');
        if (condition === undefined || whenTrue === undefined || rest.length > 0) {
          throw this.#error('IF takes a condition, a value, and at most one value more');
        }
        return { kind: 'if', condition, whenTrue, whenFalse };
      }
      case 'FILL':
        return this.#fill();
      case 'METRICS': {
        const { kind, text } = this.#peek();
        if (kind === 'text') this.#take();
        this.#expect(')');
        return { kind: 'metrics', containing: kind === 'text' ? text : '' };
      }
      default:
        throw this.#error(
          `the twin has no function ${name}. It has ABS, AVG, FILL, IF, MAX, METRICS, MIN and SUM`,
        );
    }
  }

  #fill(): Expression {
    const of = this.#level(0);
    this.#expect(',');
    const { kind, text } = this.#peek();
    if (kind === 'name' && text === 'LINEAR') {
      throw this.#error(
        'the twin does not fill linearly: the value would change once later data came. ' +
          'Fill with a number or with REPEAT',
      );
    }
    const isRepeat = kind === 'name' && text === 'REPEAT';
    if (isRepeat) this.#take();
    const filler = isRepeat ? 'REPEAT' : this.#level(0);
    this.#expect(')');
    return { kind: 'fill', of, filler };
  }

  #onlyItem(name: string): Expression {
    const [only, ...rest] = this.#items(')');
    if (only !== undefined && rest.length === 0) return only;
    throw this.#error(`${name} takes one argument; several series go into a list: ${name}([a, b])`);
  }

  /** At least one, with commas between, up to the closing sign. */
  #items(closing: string): Expression[] {
    const items = [this.#level(0)];
    while (this.#accept(',')) items.push(this.#level(0));
    this.#expect(closing);
    return items;
  }

  #deeper<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw this.#error('it is nested too deeply');
    const result = read();
    this.#depth -= 1;
    return result;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '' };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #accept(sign: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== 'sign' || text !== sign) return false;
    this.#next += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#accept(sign)) this.#unexpected(sign);
  }

  #unexpected(wanted?: string): never {
    const { kind, text } = this.#peek();
    const found = kind === 'end' ? 'it ends' : `there is ${JSON.stringify(text)}`;
    throw this.#error(`${found} where ${wanted ?? 'a value'} should stand`);
  }

  #error(problem: string): MetricMathError {
    return new MetricMathError(`${JSON.stringify(this.#text)}: ${problem}.`);
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) {
      throw new MetricMathError(
        `${JSON.stringify(text)}: ${JSON.stringify(text.slice(from).trimStart().slice(0, 1))} has no meaning in metric math.`,
      );
    }
    for (const kind of ['number', 'name', 'text', 'sign'] as const) {
      const found = groups[kind];
      if (found !== undefined) tokens.push({ kind, text: found });
    }
  }
  return tokens;
}

/** Rules of composite alarms, read and evaluated. */

import { ALARM_STATES, type AlarmState } from './alarm-state.ts';

export type CompositeRule =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'state'; readonly state: AlarmState; readonly alarm: string }
  | { readonly kind: 'not'; readonly of: CompositeRule }
  | { readonly kind: 'and' | 'or'; readonly of: readonly CompositeRule[] }
  | {
      readonly kind: 'atLeast';
      readonly threshold: { readonly number: number; readonly isPercentage: boolean };
      readonly state: AlarmState;
      /** Whether those count that are not in the state. */
      readonly negated: boolean;
      readonly alarms: readonly string[];
    };

/** What PutCompositeAlarm would refuse of a rule. */
export class CompositeRuleError extends Error {
  override readonly name = 'CompositeRuleError';
}

/** Alarms that a rule may name. Source: Amazon CloudWatch user guide, "Composite alarms". */
const CHILDREN_MAX = 100;
/** A template is no reason to run out of stack. */
const DEPTH_MAX = 50;

const TOKEN = /\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<sign>[(),])|(?<word>[^\s(),"]+))/uy;

interface Token {
  readonly kind: 'quoted' | 'sign' | 'word' | 'end';
  readonly text: string;
}

/**
 * Reads `ALARM("a") AND NOT (OK("b") OR AT_LEAST(2, ALARM, ("c", "d", "e")))`; NOT binds closest, OR
 * loosest. Alarms are named by name or ARN, with quotes or without. Throws `CompositeRuleError`. Pure.
 * Source: Amazon CloudWatch user guide, "Composite alarms".
 */
export function parseCompositeRule(text: string): CompositeRule {
  const rule = new Parser(text).whole();
  const children = childrenOf(rule);
  if (children.size > CHILDREN_MAX) {
    throw new CompositeRuleError(
      `A rule names up to ${CHILDREN_MAX} alarms; this one names ${children.size}.`,
    );
  }
  return rule;
}

/** The alarms that the rule names, as it names them. Pure. */
export function childrenOf(rule: CompositeRule): Set<string> {
  switch (rule.kind) {
    case 'constant':
      return new Set();
    case 'state':
      return new Set([rule.alarm]);
    case 'not':
      return childrenOf(rule.of);
    case 'and':
    case 'or':
      return new Set(rule.of.flatMap((each) => [...childrenOf(each)]));
    case 'atLeast':
      return new Set(rule.alarms);
  }
}

/** `stateOf`: of an alarm, by what the rule calls it. Pure. */
export function isRuleTrue(rule: CompositeRule, stateOf: (alarm: string) => AlarmState): boolean {
  switch (rule.kind) {
    case 'constant':
      return rule.value;
    case 'state':
      return stateOf(rule.alarm) === rule.state;
    case 'not':
      return !isRuleTrue(rule.of, stateOf);
    case 'and':
      return rule.of.every((each) => isRuleTrue(each, stateOf));
    case 'or':
      return rule.of.some((each) => isRuleTrue(each, stateOf));
    case 'atLeast': {
      const { alarms, threshold, state, negated } = rule;
      const found = alarms.filter((alarm) => (stateOf(alarm) === state) !== negated).length;
      const counted = threshold.isPercentage ? (100 * found) / alarms.length : found;
      return counted >= threshold.number;
    }
  }
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = this.#tokensOf(text);
  }

  whole(): CompositeRule {
    const rule = this.#or();
    if (this.#peek().kind !== 'end') this.#unexpected('AND, OR or the end');
    return rule;
  }

  #or(): CompositeRule {
    const of = [this.#and()];
    while (this.#acceptWord('OR')) of.push(this.#and());
    return joined('or', of);
  }

  #and(): CompositeRule {
    const of = [this.#not()];
    while (this.#acceptWord('AND')) of.push(this.#not());
    return joined('and', of);
  }

  #not(): CompositeRule {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw this.#error('it is nested too deeply');
    const rule: CompositeRule = this.#acceptWord('NOT')
      ? { kind: 'not', of: this.#not() }
      : this.#operand();
    this.#depth -= 1;
    return rule;
  }

  #operand(): CompositeRule {
    if (this.#accept('sign', '(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    if (this.#acceptWord('TRUE')) return { kind: 'constant', value: true };
    if (this.#acceptWord('FALSE')) return { kind: 'constant', value: false };
    if (this.#acceptWord('AT_LEAST')) return this.#atLeast();
    const state = this.#state('ALARM, OK, INSUFFICIENT_DATA, AT_LEAST, TRUE, FALSE, NOT or (');
    this.#expect('(');
    const alarm = this.#alarm();
    this.#expect(')');
    return { kind: 'state', state, alarm };
  }

  #atLeast(): CompositeRule {
    this.#expect('(');
    const { kind, text } = this.#peek();
    const found = /^(\d{1,3})(%?)$/.exec(text);
    if (kind === 'sign' || found === null) this.#unexpected('a number or a percentage');
    this.#next += 1;
    const threshold = { number: Number(found[1]), isPercentage: found[2] === '%' };
    this.#expect(',');
    const negated = this.#acceptWord('NOT');
    const state = this.#state('ALARM, OK or INSUFFICIENT_DATA');
    this.#expect(',');
    this.#expect('(');
    const alarms = [this.#alarm()];
    while (this.#accept('sign', ',')) alarms.push(this.#alarm());
    this.#expect(')');
    this.#expect(')');
    const most = threshold.isPercentage ? 100 : alarms.length;
    if (threshold.number < 1 || threshold.number > most) {
      throw this.#error(`AT_LEAST ${text} of ${alarms.length} alarms can't be`);
    }
    return { kind: 'atLeast', threshold, state, negated, alarms };
  }

  #state(wanted: string): AlarmState {
    const { kind, text } = this.#peek();
    const state = ALARM_STATES.find((each) => each === text);
    if (kind !== 'word' || state === undefined) this.#unexpected(wanted);
    this.#next += 1;
    return state;
  }

  #alarm(): string {
    const { kind, text } = this.#peek();
    if (kind === 'sign' || kind === 'end') this.#unexpected('the name or ARN of an alarm');
    this.#next += 1;
    return text;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '' };
  }

  #accept(kind: Token['kind'], text: string): boolean {
    const token = this.#peek();
    if (token.kind !== kind || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #acceptWord(word: string): boolean {
    return this.#accept('word', word);
  }

  #expect(sign: string): void {
    if (!this.#accept('sign', sign)) this.#unexpected(sign);
  }

  #unexpected(wanted: string): never {
    const { kind, text } = this.#peek();
    const found = kind === 'end' ? 'it ends' : `there is ${JSON.stringify(text)}`;
    throw this.#error(`${found} where ${wanted} should stand`);
  }

  #error(problem: string): CompositeRuleError {
    return new CompositeRuleError(`The rule ${this.#text} can't be read: ${problem}.`);
  }

  #tokensOf(text: string): Token[] {
    const tokens: Token[] = [];
    const end = text.trimEnd().length;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < end) {
      const groups = TOKEN.exec(text)?.groups;
      if (groups === undefined) throw this.#error('a quotation mark is not closed');
      for (const kind of ['quoted', 'sign', 'word'] as const) {
        const found = groups[kind];
        // Within quotes, a backslash stands before a quotation mark.
        if (found !== undefined) tokens.push({ kind, text: found.replace(/\\(.)/g, '$1') });
      }
    }
    return tokens;
  }
}

function joined(kind: 'and' | 'or', of: readonly CompositeRule[]): CompositeRule {
  const [only, ...rest] = of;
  return only !== undefined && rest.length === 0 ? only : { kind, of };
}

import { describe, expect, it } from 'vitest';
import type { AlarmState } from '#twin/cloudwatch/alarm-state.ts';
import {
  alarmNameOf,
  evaluateCompositeAlarm,
  inEvaluationOrder,
} from '#twin/cloudwatch/composite-alarms.ts';
import {
  CompositeRuleError,
  childrenOf,
  isRuleTrue,
  parseCompositeRule,
} from '#twin/cloudwatch/composite-rule.ts';
import { alarm, composite } from './alarm-model.ts';

const STATES: Readonly<Record<string, AlarmState>> = {
  bad: 'ALARM',
  worse: 'ALARM',
  good: 'OK',
  new: 'INSUFFICIENT_DATA',
};

function isTrue(rule: string): boolean {
  return isRuleTrue(parseCompositeRule(rule), (name) => STATES[name] ?? 'INSUFFICIENT_DATA');
}

describe('a rule', () => {
  it.each([
    ['TRUE', true],
    ['FALSE', false],
    ['NOT FALSE', true],
    ['NOT NOT FALSE', false],
    ['ALARM("bad")', true],
    ['ALARM("good")', false],
    ['ALARM(bad)', true],
    ['ALARM ( "bad" )', true],
    ['OK("good")', true],
    ['OK("bad")', false],
    ['INSUFFICIENT_DATA("new")', true],
    ['INSUFFICIENT_DATA("good")', false],
    ['ALARM("bad") AND ALARM("worse")', true],
    ['ALARM("bad") AND ALARM("good")', false],
    ['ALARM("good") OR ALARM("bad")', true],
    ['ALARM("good") OR ALARM("new")', false],
    ['ALARM("bad") AND NOT ALARM("good")', true],
    ['NOT ALARM("good") AND ALARM("bad")', true],
    ['NOT (ALARM("good") AND ALARM("bad"))', true],
    ['TRUE OR TRUE AND FALSE', true],
    ['(TRUE OR TRUE) AND FALSE', false],
    ['NOT TRUE OR TRUE', true],
    ['(ALARM("bad") OR\n ALARM("good")) AND\n OK("good")', true],
    ['AT_LEAST(2, ALARM, ("bad", "worse", "good"))', true],
    ['AT_LEAST(3, ALARM, (bad, worse, good))', false],
    ['AT_LEAST(1, NOT ALARM, (bad, worse, good))', true],
    ['AT_LEAST(2, NOT ALARM, (bad, worse, good))', false],
    ['AT_LEAST(50%, ALARM, (bad, worse, good, new))', true],
    ['AT_LEAST(51%, ALARM, (bad, worse, good, new))', false],
    ['AT_LEAST("50%", OK, ("good"))', true],
    ['AT_LEAST(2, ALARM, (bad, worse, good)) AND NOT ALARM(good)', true],
  ])('%s is %s', (rule, expected) => {
    expect(isTrue(rule)).toBe(expected);
  });

  it('names alarms with quotation marks, spaces and parentheses, within quotes', () => {
    expect([...childrenOf(parseCompositeRule('OK("the \\"big\\" one (a)")'))]).toEqual([
      'the "big" one (a)',
    ]);
  });

  it('lists each alarm once', () => {
    const rule = parseCompositeRule('ALARM(a) OR NOT (OK(b) AND AT_LEAST(1, OK, (a, c)))');
    expect([...childrenOf(rule)]).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['nothing', '', /it ends where ALARM, OK/],
    ['a bare name', '"bad"', /there is "bad" where ALARM, OK/],
    ['an unknown function', 'BAD("a")', /there is "BAD" where ALARM/],
    ['lower case', 'alarm("a")', /there is "alarm" where ALARM/],
    ['a state without an alarm', 'ALARM()', /where the name or ARN of an alarm/],
    ['an open parenthesis', '(TRUE', /it ends where \) should stand/],
    ['two conditions in a row', 'TRUE FALSE', /where AND, OR or the end should stand/],
    ['a lone operator', 'TRUE AND', /it ends where ALARM/],
    ['an open quotation mark', 'ALARM("a)', /a quotation mark is not closed/],
    ['more than there are', 'AT_LEAST(3, ALARM, (a, b))', /AT_LEAST 3 of 2 alarms can't be/],
    ['at least none', 'AT_LEAST(0, ALARM, (a))', /AT_LEAST 0 of 1 alarms can't be/],
    ['over 100 %', 'AT_LEAST(101%, ALARM, (a))', /can't be/],
    ['a half', 'AT_LEAST(1.5, ALARM, (a, b))', /where a number or a percentage/],
    ['AT_LEAST without a state', 'AT_LEAST(1, (a))', /where ALARM, OK or INSUFFICIENT_DATA/],
    ['depth without end', `${'('.repeat(500)}TRUE${')'.repeat(500)}`, /nested too deeply/],
    [
      'more than 100 alarms',
      Array.from({ length: 101 }, (_, index) => `OK(a${index})`).join(' OR '),
      /up to 100 alarms; this one names 101/,
    ],
  ])('rejects %s', (_, rule, message) => {
    expect(() => parseCompositeRule(rule)).toThrow(CompositeRuleError);
    expect(() => parseCompositeRule(rule)).toThrow(message);
  });
});

describe('evaluation', () => {
  it('is ALARM when the rule is true and OK when it is not, and says why', () => {
    const model = composite('all', 'ALARM("bad") AND OK("good")');
    expect(evaluateCompositeAlarm(model, (name) => STATES[name] ?? 'OK')).toEqual({
      state: 'ALARM',
      reason: 'The rule is true: bad is ALARM, good is OK.',
      reasonData: null,
    });
    expect(evaluateCompositeAlarm(model, () => 'INSUFFICIENT_DATA').state).toBe('OK');
    expect(evaluateCompositeAlarm(composite('on', 'TRUE'), () => 'OK').reason).toBe(
      'The rule is true: it is constant.',
    );
  });

  it('asks for children by name where the rule has their ARN', () => {
    const child = alarm({ name: 'bad' });
    const model = composite('all', `ALARM("${child.arn}")`);
    expect(evaluateCompositeAlarm(model, (name) => STATES[name] ?? 'OK').state).toBe('ALARM');
    expect(alarmNameOf(child.arn)).toBe('bad');
    expect(alarmNameOf('bad')).toBe('bad');
  });
});

describe('the order of evaluation', () => {
  const leaf = alarm({ name: 'leaf' });
  const names = (...models: Parameters<typeof inEvaluationOrder>[0]) =>
    inEvaluationOrder(models, [leaf]).map(({ name }) => name);

  it('has each alarm after those that it depends on, by name or ARN', () => {
    const bottom = composite('bottom', 'ALARM(leaf)');
    const middle = composite('middle', `OK("${bottom.arn}")`);
    const top = composite('top', 'ALARM(middle) OR ALARM(bottom)');
    expect(names(top, middle, bottom)).toEqual(['bottom', 'middle', 'top']);
  });

  it('rejects an alarm that is not there, in another Region, or does not run', () => {
    expect(() => names(composite('top', 'OK(gone)'))).toThrow(/^top: there is no alarm gone/);
    const elsewhere = leaf.arn.replace('us-east-1', 'us-east-2');
    expect(() => names(composite('top', `OK("${elsewhere}")`))).toThrow(/there is no alarm arn:/);
  });

  it('rejects circles', () => {
    const circle = [composite('a', 'OK(b)'), composite('b', 'OK(c) OR OK(leaf)')];
    expect(() => names(...circle, composite('c', 'OK(b)'))).toThrow(/in a circle: b → c → b/);
    expect(() => names(composite('self', 'OK(self)'))).toThrow(/self → self/);
  });

  it('names the alarm whose rule is wrong', () => {
    expect(() => names(composite('top', 'OK('))).toThrow(/^top: The rule OK\( can't be read/);
  });
});

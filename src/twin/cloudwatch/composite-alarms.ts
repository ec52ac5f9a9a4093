/** Composite alarms: in which order they are evaluated, and to what. */

import type { CompositeAlarmModel } from '#twin/region-model.ts';
import type { AlarmEvaluation, AlarmState } from './alarm-state.ts';
import {
  type CompositeRule,
  CompositeRuleError,
  childrenOf,
  isRuleTrue,
  parseCompositeRule,
} from './composite-rule.ts';

type Named = Pick<CompositeAlarmModel, 'name' | 'arn'>;

/** Models do not change, and their rules need not be read at each evaluation. */
const parsed = new WeakMap<CompositeAlarmModel, CompositeRule>();

function ruleOf(model: CompositeAlarmModel): CompositeRule {
  const known = parsed.get(model) ?? parseCompositeRule(model.rule);
  parsed.set(model, known);
  return known;
}

/**
 * The composite alarms with each after those that it depends on. Pure.
 *
 * `alarms`: the Region's metric alarms. Throws `CompositeRuleError`, with the alarm's name, for a
 * rule that can't be read, for an alarm that the Region does not have, and for a circle, of which
 * CloudWatch would stop evaluating every member.
 */
export function inEvaluationOrder(
  composites: readonly CompositeAlarmModel[],
  alarms: readonly Named[],
): CompositeAlarmModel[] {
  const names = new Map([...alarms, ...composites].flatMap(bothNames));
  const byName = new Map(composites.map((each) => [each.name, each]));
  const ordered = new Set<CompositeAlarmModel>();
  const path: string[] = [];

  function visit(model: CompositeAlarmModel): void {
    if (ordered.has(model)) return;
    if (path.includes(model.name)) {
      throw new CompositeRuleError(
        `${model.name}: composite alarms refer to one another in a circle: ` +
          `${[...path.slice(path.indexOf(model.name)), model.name].join(' → ')}.`,
      );
    }
    path.push(model.name);
    for (const child of childrenNamed(model)) {
      const name = names.get(child);
      if (name === undefined) {
        throw new CompositeRuleError(
          `${model.name}: there is no alarm ${child} in this Region that the twin runs.`,
        );
      }
      const composite = byName.get(name);
      if (composite !== undefined) visit(composite);
    }
    path.pop();
    ordered.add(model);
  }

  for (const model of composites) visit(model);
  return [...ordered];
}

/**
 * ALARM when the rule is true, OK when it is not. Pure.
 *
 * `stateOf`: by name. Throws `CompositeRuleError` for a rule that `inEvaluationOrder` would refuse.
 */
export function evaluateCompositeAlarm(
  model: CompositeAlarmModel,
  stateOf: (alarmName: string) => AlarmState,
): AlarmEvaluation {
  const states = new Map(
    [...childrenOf(ruleOf(model))].map((child) => [child, stateOf(alarmNameOf(child))]),
  );
  const isTrue = isRuleTrue(ruleOf(model), (child) => states.get(child) ?? 'INSUFFICIENT_DATA');
  const listed = [...states].map(([child, state]) => `${alarmNameOf(child)} is ${state}`);
  return {
    state: isTrue ? 'ALARM' : 'OK',
    reason: `The rule is ${isTrue ? 'true' : 'false'}: ${listed.join(', ') || 'it is constant'}.`,
    reasonData: null,
  };
}

/** The name in what a rule calls an alarm: its ARN or the name itself. Pure. */
export function alarmNameOf(nameOrArn: string): string {
  return /^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn;
}

function childrenNamed(model: CompositeAlarmModel): Set<string> {
  try {
    return childrenOf(ruleOf(model));
  } catch (error) {
    if (!(error instanceof CompositeRuleError)) throw error;
    throw new CompositeRuleError(`${model.name}: ${error.message}`, { cause: error });
  }
}

function bothNames({ name, arn }: Named): [string, string][] {
  return [
    [name, name],
    [arn, name],
  ];
}

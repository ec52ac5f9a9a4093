/** EventBridge rules that invoke functions by the clock. */

import { parseSchedule, ScheduleExpressionError } from '#twin/events/schedule-expression.ts';
import type { FunctionModel, ScheduleModel, ScheduleTargetModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import type { Fields } from '../fields.ts';
import type { NotRun } from '../not-run.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';

/** A target with one of them would get another event than on AWS, so it is not run at all. */
const INPUT_MADE_OF_EVENT = ['InputPath', 'InputTransformer'] as const;
const STATES = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'];

/**
 * Rules with a schedule. Targets other than functions that run are named as not run; patterns are
 * named by the reader of the assembly, as every property that is not read.
 * Throws `AssemblyError` for what PutRule and PutTargets refuse.
 */
export function buildSchedules(
  stacks: readonly Stack[],
  functions: readonly FunctionModel[],
  notRun: NotRun,
): ScheduleModel[] {
  const arns = new Set(functions.map(({ arn }) => arn));
  return stacks.flatMap((stack) =>
    resourcesOf(stack, 'AWS::Events::Rule').flatMap((resource): ScheduleModel[] => {
      const { properties, logicalId, id } = resource;
      const expression = properties.optionalString('ScheduleExpression');
      if (expression === null) {
        if (properties.has('EventPattern')) return [];
        throw new AssemblyError(
          `${properties.where}: a rule needs a ScheduleExpression or an EventPattern.`,
        );
      }
      requireSchedule(expression, properties.where);
      return [
        {
          ruleName: id,
          ruleArn: stack.attribute(logicalId, 'Arn'),
          expression,
          enabled: isEnabled(properties),
          targets: targetsOf(resource, arns, notRun),
        },
      ];
    }),
  );
}

function requireSchedule(expression: string, where: string): void {
  try {
    parseSchedule(expression);
  } catch (error) {
    if (!(error instanceof ScheduleExpressionError)) throw error;
    throw new AssemblyError(`${where}: ${error.message}`);
  }
}

function isEnabled(properties: Fields): boolean {
  const state = properties.optionalString('State') ?? 'ENABLED';
  if (STATES.includes(state)) return state !== 'DISABLED';
  throw new AssemblyError(`${properties.where}: State must be ENABLED or DISABLED, not ${state}.`);
}

function targetsOf(
  { properties, type, logicalId }: Resource,
  functionArns: ReadonlySet<string>,
  notRun: NotRun,
): ScheduleTargetModel[] {
  const ids = new Set<string>();
  return properties.objects('Targets').flatMap((target): ScheduleTargetModel[] => {
    const id = target.string('Id');
    if (ids.has(id)) {
      throw new AssemblyError(`${target.where}: the rule has a target ${id} already.`);
    }
    ids.add(id);
    const arn = target.string('Arn');
    if (!functionArns.has(arn)) {
      notRun.add(`${type}.Targets (${arn.split(':')[2] ?? arn})`, logicalId);
      return [];
    }
    notRun.addUnknown(`${type}.Targets`, logicalId, target, ['Arn', 'Id', 'Input']);
    if (INPUT_MADE_OF_EVENT.some((name) => target.has(name))) return [];
    return [{ id, functionArn: arn, input: inputOf(target) }];
  });
}

function inputOf(target: Fields): string | null {
  const input = target.optionalString('Input');
  if (input === null) return null;
  try {
    JSON.parse(input);
    return input;
  } catch {
    throw new AssemblyError(`${target.where}: Input must be JSON, not ${input.slice(0, 120)}.`);
  }
}

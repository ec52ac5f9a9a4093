/**
 * Finds the logical ids that a part of a template refers to: Ref, Fn::GetAtt and Fn::Sub.
 *
 * Branches of Fn::If that are not taken don't count: `condition` says which one is. Names of
 * parameters and pseudo parameters are among the results. Pure.
 */

import { isObject } from '../fields.ts';
import { placeholders } from './substitute.ts';

export function referencesOf(value: unknown, condition: (name: string) => boolean): Set<string> {
  const found = new Set<string>();
  collect(value, condition, found);
  return found;
}

function collect(value: unknown, condition: (name: string) => boolean, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const entry of value) collect(entry, condition, found);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, argument] of Object.entries(value)) {
    if (key === 'Ref' && typeof argument === 'string') {
      found.add(argument);
    } else if (key === 'Fn::GetAtt') {
      const logicalId = Array.isArray(argument) ? argument[0] : String(argument).split('.')[0];
      if (typeof logicalId === 'string') found.add(logicalId);
    } else if (key === 'Fn::Sub') {
      collectSub(argument, condition, found);
    } else if (key === 'Fn::If' && Array.isArray(argument) && typeof argument[0] === 'string') {
      collect(condition(argument[0]) ? argument[1] : argument[2], condition, found);
    } else {
      collect(argument, condition, found);
    }
  }
}

function collectSub(
  argument: unknown,
  condition: (name: string) => boolean,
  found: Set<string>,
): void {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  collect(variables, condition, found);
  if (typeof template !== 'string') return;
  for (const name of placeholders(template)) {
    if (!isObject(variables) || !Object.hasOwn(variables, name)) {
      found.add(name.split('.')[0] ?? name);
    }
  }
}

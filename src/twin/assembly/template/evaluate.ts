/**
 * Evaluates the intrinsic functions of a CloudFormation template.
 *
 * Source: AWS CloudFormation template reference, "Intrinsic function reference", without the
 * language-extensions transform. What a Ref, attribute, import or condition stands for is the
 * caller's: `Names`.
 */

import { AssemblyError } from '../assembly-error.ts';
import { excerpt, isObject, scalarText } from '../fields.ts';
import { substitute } from './substitute.ts';

/** What names in a template stand for. Each throws `AssemblyError` for a name it doesn't know. */
export interface Names {
  readonly region: string;
  /** Parameter, pseudo parameter or resource. `NO_VALUE` for AWS::NoValue. */
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): string;
  condition(name: string): boolean;
  /** One row of the template's mappings; undefined when there is none. */
  mapping(map: string, topKey: string, secondKey: string): unknown;
  importValue(exportName: string): unknown;
}

/** AWS::NoValue: takes the property or list entry that holds it away. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, names: Names, where: string) => unknown;

/**
 * Replaces every intrinsic function in `value`. Objects and lists are copied, `NO_VALUE` inside them
 * is taken out; at the top it is returned. `where` names the place in messages.
 * Throws `AssemblyError` on a malformed or unsupported function and on dynamic references.
 */
export function evaluate(value: unknown, names: Names, where: string): unknown {
  if (typeof value === 'string') return literal(value, where);
  if (Array.isArray(value)) {
    return value
      .map((entry, index) => evaluate(entry, names, `${where}[${index}]`))
      .filter((entry) => entry !== NO_VALUE);
  }
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  const [key] = keys;
  if (key !== undefined && (key === 'Ref' || key.startsWith('Fn::'))) {
    if (keys.length > 1) fail(where, `${key} must stand alone, not beside ${keys[1]}`);
    const intrinsic = INTRINSICS.get(key);
    if (intrinsic === undefined) {
      fail(where, `the twin doesn't read ${key}; it reads ${[...INTRINSICS.keys()].join(', ')}`);
    }
    return intrinsic(value[key], names, where);
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, entry]) => [name, evaluate(entry, names, `${where}.${name}`)] as const)
      .filter(([, entry]) => entry !== NO_VALUE),
  );
}

/** Evaluates a condition: `Fn::Equals`, `And`, `Or`, `Not` or `{ Condition: name }`. */
export function evaluateCondition(expression: unknown, names: Names, where: string): boolean {
  if (isObject(expression)) {
    const [[key, argument] = ['', null], ...others] = Object.entries(expression);
    const operands = Array.isArray(argument) ? argument : [];
    if (others.length === 0) {
      switch (key) {
        case 'Condition':
          return names.condition(text(argument, where));
        case 'Fn::Equals':
          if (operands.length !== 2) fail(where, 'Fn::Equals takes two values');
          return isEqual(evaluate(operands, names, where));
        case 'Fn::Not':
          if (operands.length !== 1) fail(where, 'Fn::Not takes one condition');
          return !evaluateCondition(operands[0], names, where);
        case 'Fn::And':
        case 'Fn::Or': {
          if (operands.length < 2 || operands.length > 10) {
            fail(where, `${key} takes 2 to 10 conditions`);
          }
          // All of them, so that a mistake in the last one shows whatever the first one says.
          const results = operands.map((operand) => evaluateCondition(operand, names, where));
          return key === 'Fn::And' ? results.every(Boolean) : results.some(Boolean);
        }
        default:
      }
    }
  }
  return fail(where, `${excerpt(expression)} is no condition`);
}

const INTRINSICS: ReadonlyMap<string, Intrinsic> = new Map<string, Intrinsic>([
  ['Ref', (argument, names, where) => names.ref(text(argument, where))],
  ['Fn::GetAtt', getAttribute],
  ['Fn::Join', join],
  ['Fn::Sub', sub],
  ['Fn::Select', select],
  ['Fn::Split', split],
  ['Fn::FindInMap', findInMap],
  ['Fn::If', conditional],
  [
    'Fn::ImportValue',
    (argument, names, where) => names.importValue(textOf(argument, names, where)),
  ],
  ['Fn::GetAZs', getZones],
  [
    'Fn::Base64',
    (argument, names, where) => Buffer.from(textOf(argument, names, where)).toString('base64'),
  ],
]);

function getAttribute(argument: unknown, names: Names, where: string): string {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.');
    if (dot > 0) return names.attribute(argument.slice(0, dot), argument.slice(dot + 1));
  } else if (Array.isArray(argument) && argument.length === 2) {
    return names.attribute(text(argument[0], where), textOf(argument[1], names, where));
  }
  return fail(where, `Fn::GetAtt takes [logical id, attribute], not ${excerpt(argument)}`);
}

function join(argument: unknown, names: Names, where: string): string {
  const [delimiter, list] = pair(argument, 'Fn::Join', '[delimiter, list]', where);
  const entries = evaluate(list, names, where);
  if (!Array.isArray(entries)) fail(where, `Fn::Join needs a list, not ${excerpt(entries)}`);
  const joined = entries.map((entry) => text(entry, where)).join(text(delimiter, where));
  return literal(joined, where);
}

function sub(argument: unknown, names: Names, where: string): string {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  if (typeof template !== 'string' || !isObject(variables)) {
    fail(where, `Fn::Sub takes a string, or [string, { name: value }], not ${excerpt(argument)}`);
  }
  const substituted = substitute(template, (name) => {
    if (Object.hasOwn(variables, name)) return textOf(variables[name], names, where);
    const dot = name.indexOf('.');
    if (dot > 0) return names.attribute(name.slice(0, dot), name.slice(dot + 1));
    return text(names.ref(name), where);
  });
  return literal(substituted, where);
}

function select(argument: unknown, names: Names, where: string): unknown {
  const [indexValue, list] = pair(argument, 'Fn::Select', '[index, list]', where);
  const index = Number(textOf(indexValue, names, where));
  const entries = evaluate(list, names, where);
  if (!Array.isArray(entries)) fail(where, `Fn::Select needs a list, not ${excerpt(entries)}`);
  if (!Number.isInteger(index) || index < 0 || index >= entries.length) {
    fail(where, `Fn::Select can't take entry ${excerpt(indexValue)} of ${entries.length}`);
  }
  return entries[index];
}

function split(argument: unknown, names: Names, where: string): string[] {
  const [delimiter, source] = pair(argument, 'Fn::Split', '[delimiter, string]', where);
  const separator = text(delimiter, where);
  if (separator === '') fail(where, 'Fn::Split needs a delimiter');
  return textOf(source, names, where).split(separator);
}

function findInMap(argument: unknown, names: Names, where: string): unknown {
  if (!Array.isArray(argument) || argument.length !== 3) {
    fail(where, `Fn::FindInMap takes [map, key, key], not ${excerpt(argument)}`);
  }
  const [map = '', topKey = '', secondKey = ''] = argument.map((entry) =>
    textOf(entry, names, where),
  );
  const found = names.mapping(map, topKey, secondKey);
  if (found === undefined) fail(where, `mapping ${map} has no ${topKey}.${secondKey}`);
  return found;
}

function conditional(argument: unknown, names: Names, where: string): unknown {
  if (!Array.isArray(argument) || argument.length !== 3) {
    fail(where, `Fn::If takes [condition, then, else], not ${excerpt(argument)}`);
  }
  const [condition, then, otherwise] = argument;
  return evaluate(names.condition(text(condition, where)) ? then : otherwise, names, where);
}

/** Three zones for every Region: which ones an account sees is AWS's choice. */
function getZones(argument: unknown, names: Names, where: string): string[] {
  const region = textOf(argument, names, where) || names.region;
  return ['a', 'b', 'c'].map((letter) => `${region}${letter}`);
}

/** Refuses dynamic references: the twin has no parameter store and no secrets. */
function literal(value: string, where: string): string {
  const reference = /\{\{resolve:[^}]*\}\}/.exec(value)?.[0];
  if (reference === undefined) return value;
  return fail(
    where,
    `the twin can't resolve ${reference}: it has no parameter store and no secrets. Pass the value ` +
      'in the template, or let the code read it when it runs',
  );
}

function isEqual(operands: unknown): boolean {
  const [a, b] = operands as readonly unknown[];
  return comparable(a) === comparable(b);
}

/** CloudFormation compares scalars as text. */
function comparable(value: unknown): string {
  return scalarText(value) ?? JSON.stringify(value);
}

function pair(argument: unknown, name: string, form: string, where: string): [unknown, unknown] {
  if (Array.isArray(argument) && argument.length === 2) return [argument[0], argument[1]];
  return fail(where, `${name} takes ${form}, not ${excerpt(argument)}`);
}

function textOf(value: unknown, names: Names, where: string): string {
  return text(evaluate(value, names, where), where);
}

function text(value: unknown, where: string): string {
  return scalarText(value) ?? fail(where, `${excerpt(value)} stands where a string must`);
}

function fail(where: string, problem: string): never {
  throw new AssemblyError(`${where}: ${problem}.`);
}

/** Compares a template with CloudFormation's resource schema, as the AWS service specification has it. */

import type { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Json, JsonObject, Template } from './support.ts';

export type SchemaDatabase = ReturnType<typeof loadAwsServiceSpecSync>;

function definitionOf(database: SchemaDatabase, resourceType: string) {
  return database.lookup('resource', 'cloudFormationType', 'equals', resourceType)[0];
}

type Properties = NonNullable<ReturnType<typeof definitionOf>>['properties'];
type PropertyType = Properties[string]['type'];

/**
 * Lists unknown resource types, unknown and missing properties and values of a wrong type, at any
 * depth, as `<logical id>.<path>: <problem>`. A value that is an intrinsic function is taken as right.
 */
export function schemaProblems(
  database: SchemaDatabase,
  template: Pick<Template, 'Resources'>,
): readonly string[] {
  return Object.entries(template.Resources).flatMap(([logicalId, { Type, Properties: given }]) => {
    const definition = definitionOf(database, Type);
    return definition === undefined
      ? [`${logicalId}: unknown type ${Type}`]
      : objectProblems(database, definition.properties, given, logicalId);
  });
}

function objectProblems(
  database: SchemaDatabase,
  known: Properties,
  given: JsonObject,
  path: string,
): readonly string[] {
  const missing = Object.entries(known)
    .filter(([name, property]) => property.required === true && given[name] === undefined)
    .map(([name]) => `${path}.${name}: missing`);
  const wrong = Object.entries(given).flatMap(([name, value]) => {
    const property = known[name];
    return property === undefined
      ? [`${path}.${name}: unknown property`]
      : valueProblems(database, property.type, value, `${path}.${name}`);
  });
  return [...missing, ...wrong];
}

function valueProblems(
  database: SchemaDatabase,
  type: PropertyType,
  value: Json,
  path: string,
): readonly string[] {
  if (isIntrinsic(value)) return [];
  const expected = (matches: boolean) => (matches ? [] : [`${path}: expected ${type.type}`]);
  switch (type.type) {
    case 'string':
    case 'date-time':
      return expected(typeof value === 'string');
    case 'integer':
      return expected(Number.isInteger(value));
    case 'number':
      return expected(typeof value === 'number');
    case 'boolean':
      return expected(typeof value === 'boolean');
    case 'null':
      return expected(value === null);
    case 'json':
    case 'tag':
      return expected(typeof value === 'object' && value !== null);
    case 'array':
      if (!Array.isArray(value)) return expected(false);
      return (value as readonly Json[]).flatMap((item, index) =>
        valueProblems(database, type.element, item, `${path}[${index}]`),
      );
    case 'map':
      if (!isObject(value)) return expected(false);
      return Object.entries(value).flatMap(([key, item]) =>
        valueProblems(database, type.element, item, `${path}.${key}`),
      );
    case 'ref':
      if (!isObject(value)) return expected(false);
      return objectProblems(
        database,
        database.get('typeDefinition', type.reference).properties,
        value,
        path,
      );
    case 'union': {
      const problems = type.types.map((member) => valueProblems(database, member, value, path));
      return problems.find((of) => of.length === 0) ?? problems[0] ?? [];
    }
  }
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIntrinsic(value: Json): boolean {
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === 'Ref' || (keys[0]?.startsWith('Fn::') ?? false));
}

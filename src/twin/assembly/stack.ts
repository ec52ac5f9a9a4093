/**
 * One stack of an assembly: its resources with their names, references and evaluated properties.
 *
 * Opening a stack evaluates its conditions and refuses cyclic references. Everything else is
 * evaluated when asked for, so that stacks may import from one another in any order.
 */

import { AssemblyError } from './assembly-error.ts';
import { Fields, scalarText } from './fields.ts';
import { findCycle } from './find-cycle.ts';
import { readJsonFile } from './manifest/read-json-file.ts';
import type { StackArtifact } from './manifest/read-manifest.ts';
import { generatedName, uuid } from './physical-name.ts';
import type { ResourceSubject } from './resource-type.ts';
import { resourceType } from './resource-types.ts';
import { evaluate, evaluateCondition, type Names, NO_VALUE } from './template/evaluate.ts';
import { parameterValue } from './template/parameters.ts';
import { referencesOf } from './template/references.ts';
import { regionalArn, type StackEnvironment } from './template/stack-environment.ts';

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  /** What `Ref` gives. */
  readonly id: string;
  readonly properties: Fields;
}

export interface StackOutput {
  readonly name: string;
  /** Null when the output is not exported. */
  readonly exportName: string | null;
  value(): string;
}

export interface Stack {
  readonly environment: StackEnvironment;
  /** Resources whose condition holds, in the template's order. */
  readonly resources: readonly Resource[];
  /** Logical id → logical ids that it needs first. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>;
  readonly outputs: readonly StackOutput[];
  /** `Fn::GetAtt` from outside the template, for the models. */
  attribute(logicalId: string, name: string): string;
}

/** Finds the value of an export for a stack that imports it. */
export type ImportValue = (importer: StackEnvironment, exportName: string) => string;

/** Reads the template. Throws `AssemblyError` for anything that CloudFormation would not accept. */
export function openStack(artifact: StackArtifact, importValue: ImportValue): Stack {
  const { environment } = artifact;
  const template = readJsonFile(artifact.templateFile);
  const conditions = conditionsOf(template, environment);
  const declared = liveResources(template, conditions);
  const names = namesOf(template, declared, conditions, environment, importValue);
  const dependencies = dependenciesOf(declared, conditions, environment);

  const resources = [...declared].map(([logicalId, declaration]): Resource => {
    const type = declaration.string('Type');
    let properties: Fields | undefined;
    return {
      logicalId,
      type,
      get id() {
        return scalarText(names.ref(logicalId)) ?? logicalId;
      },
      get properties() {
        const where = `${environment.stackName}/${logicalId} (${type})`;
        properties ??= new Fields(
          evaluate(declaration.raw('Properties') ?? {}, names, where),
          where,
        );
        return properties;
      },
    };
  });
  return {
    environment,
    resources,
    dependencies,
    outputs: outputsOf(template, names, environment),
    attribute: (logicalId, name) => names.attribute(logicalId, name),
  };
}

function conditionsOf(template: Fields, environment: StackEnvironment): (name: string) => boolean {
  const section = template.object('Conditions');
  const known = new Map<string, boolean>();
  const path: string[] = [];
  const condition = (name: string): boolean => {
    const value = known.get(name);
    if (value !== undefined) return value;
    const where = `${environment.stackName}: condition ${name}`;
    if (path.includes(name)) {
      throw new AssemblyError(`${where} refers to itself: ${[...path, name].join(' → ')}.`);
    }
    if (!section.has(name)) throw new AssemblyError(`${where} does not exist.`);
    path.push(name);
    const result = evaluateCondition(section.raw(name), names, where);
    path.pop();
    known.set(name, result);
    return result;
  };
  // Conditions see parameters and mappings, never resources.
  const names = namesOf(template, new Map(), condition, environment, (_, exportName) => {
    throw new AssemblyError(`${environment.stackName}: a condition can't import ${exportName}.`);
  });
  for (const name of section.names()) condition(name);
  return condition;
}

function liveResources(
  template: Fields,
  condition: (name: string) => boolean,
): ReadonlyMap<string, Fields> {
  const section = template.object('Resources');
  const live = new Map<string, Fields>();
  for (const logicalId of section.names()) {
    const declaration = section.object(logicalId);
    const name = declaration.optionalString('Condition');
    if (name === null || condition(name)) live.set(logicalId, declaration);
  }
  return live;
}

function namesOf(
  template: Fields,
  declared: ReadonlyMap<string, Fields>,
  condition: (name: string) => boolean,
  environment: StackEnvironment,
  importValue: ImportValue,
): Names {
  const { stackName, region } = environment;
  const pseudo = pseudoParameters(environment);
  const parameters = template.object('Parameters');

  const subjectOf = (logicalId: string): ResourceSubject | null => {
    const declaration = declared.get(logicalId);
    if (declaration === undefined) return null;
    const text = (property: string) => {
      const where = `${stackName}/${logicalId}: ${property}`;
      const value = evaluate(declaration.object('Properties').raw(property), names, where);
      return value === NO_VALUE ? null : scalarText(value);
    };
    return {
      logicalId,
      type: declaration.string('Type'),
      environment,
      text,
      nameFrom: (property) => text(property) ?? generatedName(environment, logicalId),
    };
  };

  // Every part of an API refers to the API: without this, its id would be derived once for each.
  const references = new Map<string, unknown>();
  const attributes = new Map<string, string>();

  const names: Names = {
    region,
    condition,
    mapping: (map, topKey, secondKey) =>
      template.object('Mappings').object(map).object(topKey).raw(secondKey),
    importValue: (exportName) => importValue(environment, exportName),
    ref(name) {
      if (references.has(name)) return references.get(name);
      if (pseudo.has(name)) return pseudo.get(name);
      if (parameters.has(name)) return parameterValue(parameters, name);
      const subject = subjectOf(name);
      if (subject !== null) {
        const id = resourceType(subject.type).ref(subject);
        references.set(name, id);
        return id;
      }
      throw new AssemblyError(
        `${stackName}: ${name} is neither a parameter nor a resource whose condition holds.`,
      );
    },
    attribute(logicalId, name) {
      const key = `${logicalId}.${name}`;
      const known = attributes.get(key);
      if (known !== undefined) return known;
      const subject = subjectOf(logicalId);
      if (subject === null) {
        throw new AssemblyError(
          `${stackName}: there is no resource ${logicalId} to take ${name} of.`,
        );
      }
      const value = resourceType(subject.type).attribute(subject, name);
      if (value !== undefined) {
        attributes.set(key, value);
        return value;
      }
      throw new AssemblyError(
        `${stackName}/${logicalId} (${subject.type}): the twin has no attribute ${name} for it.`,
      );
    },
  };
  return names;
}

function pseudoParameters(environment: StackEnvironment): ReadonlyMap<string, unknown> {
  const { stackName, region, accountId, partition, urlSuffix } = environment;
  const stackPath = `stack/${stackName}/${uuid(environment, 'stack')}`;
  return new Map<string, unknown>([
    ['AWS::AccountId', accountId],
    ['AWS::NoValue', NO_VALUE],
    ['AWS::NotificationARNs', []],
    ['AWS::Partition', partition],
    ['AWS::Region', region],
    ['AWS::StackId', regionalArn(environment, 'cloudformation', stackPath)],
    ['AWS::StackName', stackName],
    ['AWS::URLSuffix', urlSuffix],
  ]);
}

/** References and DependsOn. Throws with the path of a cycle. */
function dependenciesOf(
  declared: ReadonlyMap<string, Fields>,
  condition: (name: string) => boolean,
  environment: StackEnvironment,
): ReadonlyMap<string, ReadonlySet<string>> {
  const edges = new Map<string, ReadonlySet<string>>();
  for (const [logicalId, declaration] of declared) {
    const references = referencesOf(declaration.raw('Properties'), condition);
    const dependsOn = declaration.raw('DependsOn') ?? [];
    for (const name of Array.isArray(dependsOn) ? dependsOn : [dependsOn]) {
      references.add(String(name));
    }
    edges.set(logicalId, new Set([...references].filter((name) => declared.has(name))));
  }
  const cycle = findCycle(edges);
  if (cycle !== null) {
    throw new AssemblyError(
      `${environment.stackName}: resources refer to one another in a circle: ${cycle.join(' → ')}.`,
    );
  }
  return edges;
}

function outputsOf(template: Fields, names: Names, environment: StackEnvironment): StackOutput[] {
  const section = template.object('Outputs');
  return section
    .names()
    .map((name) => [name, section.object(name)] as const)
    .filter(([, output]) => {
      const condition = output.optionalString('Condition');
      return condition === null || names.condition(condition);
    })
    .map(([name, output]) => {
      const where = `${environment.stackName}: output ${name}`;
      const textOf = (value: unknown): string => {
        const result = scalarText(evaluate(value, names, where));
        if (result === null) throw new AssemblyError(`${where} is no string.`);
        return result;
      };
      const exported = output.object('Export').raw('Name');
      return {
        name,
        exportName: exported === undefined ? null : textOf(exported),
        value: () => textOf(output.raw('Value')),
      };
    });
}

/** Resources of the types, in the template's order. */
export function resourcesOf(stack: Stack, ...types: readonly string[]): Resource[] {
  return stack.resources.filter((resource) => types.includes(resource.type));
}

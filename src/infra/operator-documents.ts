/** Operators' verbs as Systems Manager Automation documents, for whoever has the console and no shell. */

import { Stack } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { allow } from './function-rights.ts';

export interface OperatorDocumentsProps {
  readonly environmentSuffix: string;
  /** Both, the primary first. */
  readonly regions: readonly string[];
  /** Of the same Region: the documents need nothing of the other one. */
  readonly orchestrator: IFunction;
}

interface Verb {
  readonly verb: 'failover' | 'failback' | 'drain' | 'undrain' | 'mode';
  readonly description: string;
  /** The verb's one argument, if it has any. */
  readonly argument?: {
    readonly name: 'to' | 'region' | 'mode';
    readonly description: string;
    readonly allowedValues: readonly string[];
  };
}

/** Longer than the orchestrator may take. */
const STEP_TIMEOUT_SECONDS = 90;
/** What is said to the log is read again in many places: nothing that any of them might take for markup. */
const SAID_PATTERN = '^[A-Za-z0-9][A-Za-z0-9 ,.:;_@/()#+-]{0,199}$';

/**
 * One document for each verb, `holdfast-<verb>-<suffix>`, which invokes the orchestrator of its own Region
 * and gives its answer as output. Run it in the Region that is well.
 */
export class OperatorDocuments extends Construct {
  constructor(scope: Construct, id: string, props: OperatorDocumentsProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const { orchestrator } = props;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ssm.amazonaws.com', {
        // Without it, another account's automation could have Systems Manager use the role for it.
        // Source: AWS Systems Manager user guide, "Cross-service confused deputy prevention".
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: {
            'aws:SourceArn': stack.formatArn({
              service: 'ssm',
              resource: 'automation-execution',
              resourceName: '*',
            }),
          },
        },
      }),
      inlinePolicies: {
        invoke: new PolicyDocument({
          statements: [allow(['lambda:InvokeFunction'], [orchestrator.functionArn])],
        }),
      },
    });
    for (const verb of verbsOf(props.regions)) {
      new CfnDocument(this, verb.verb, {
        name: `holdfast-${verb.verb}-${props.environmentSuffix}`,
        documentType: 'Automation',
        documentFormat: 'JSON',
        // By default a change would replace the document, whose name is taken.
        updateMethod: 'NewVersion',
        content: contentOf(verb, role.roleArn, orchestrator.functionName),
      });
    }
  }
}

function verbsOf(regions: readonly string[]): readonly Verb[] {
  return [
    {
      verb: 'failover',
      description: 'Moves traffic to a Region',
      argument: { name: 'to', description: 'The Region to move to', allowedValues: regions },
    },
    { verb: 'failback', description: 'Moves traffic back to where it goes while all is well' },
    {
      verb: 'drain',
      description: 'Takes a Region out of service',
      argument: { name: 'region', description: 'The Region to take out', allowedValues: regions },
    },
    {
      verb: 'undrain',
      description: 'Puts a drained Region back into service; moves no traffic',
      argument: { name: 'region', description: 'The Region to put back', allowedValues: regions },
    },
    {
      verb: 'mode',
      description: 'Stops the automation, or lets it go on',
      argument: {
        name: 'mode',
        description: 'manual: nothing moves by itself. auto: the orchestrators decide',
        allowedValues: ['auto', 'manual'],
      },
    },
  ];
}

/**
 * The document's content, schema 0.3. The payload goes in as an object and not as JSON text, which a quotation
 * mark in a parameter would break.
 */
function contentOf(verb: Verb, roleArn: string, functionName: string): Record<string, unknown> {
  const { argument } = verb;
  const said = (description: string) => ({
    type: 'String',
    description,
    allowedPattern: SAID_PATTERN,
  });
  return {
    schemaVersion: '0.3',
    description: `${verb.description}: asks the orchestrator of this Region, which checks it first`,
    assumeRole: roleArn,
    parameters: {
      ...(argument === undefined
        ? {}
        : {
            [argument.name]: {
              type: 'String',
              description: argument.description,
              allowedValues: [...argument.allowedValues],
            },
          }),
      reason: said('Why, for the routing log'),
      actor: said('Who, for the routing log'),
    },
    mainSteps: [
      {
        name: verb.verb,
        action: 'aws:invokeLambdaFunction',
        timeoutSeconds: STEP_TIMEOUT_SECONDS,
        // Once: an answer that was lost is looked up in the routing log, not asked for again.
        maxAttempts: 1,
        onFailure: 'Abort',
        isEnd: true,
        inputs: {
          FunctionName: functionName,
          InvocationType: 'RequestResponse',
          InputPayload: {
            operator: {
              verb: verb.verb,
              ...(argument === undefined ? {} : { [argument.name]: `{{ ${argument.name} }}` }),
              reason: '{{ reason }}',
              actor: '{{ actor }}',
            },
          },
        },
      },
    ],
    outputs: [`${verb.verb}.Payload`],
  };
}

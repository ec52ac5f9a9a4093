/** What moves traffic, in each Region its own. */

import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { FAILOVER_STACK_NAME, resourceNames } from '#contract/names.ts';
import { OrchestratorAlarms } from './alarms.ts';
import { regionsOf } from './configuration.ts';
import { FailoverOrchestrator } from './failover-orchestrator.ts';
import { OperatorDocuments } from './operator-documents.ts';
import {
  type RegionStackProps,
  regionOf,
  regionStackProps,
  stackId,
} from './region-stack-props.ts';

export interface FailoverStackProps extends RegionStackProps {
  /** Folder with the bundles, `<job>/index.mjs`. */
  readonly functionsDir: string;
}

/**
 * The orchestrator of one Region with its alarms and the operators' documents.
 *
 * A stack of its own, deployed after `TapStack` of both Regions: each Region's orchestrator subscribes to
 * the other Region's topic too, and neither Region's payments should wait for the other's deployment.
 */
export class FailoverStack extends Stack {
  constructor(scope: Construct, props: FailoverStackProps) {
    const { configuration } = props;
    const region = regionOf(props);
    super(
      scope,
      stackId(FAILOVER_STACK_NAME, region),
      regionStackProps(props, FAILOVER_STACK_NAME, 'failover'),
    );
    const { environmentSuffix } = configuration;
    const { lambda } = new FailoverOrchestrator(this, 'Orchestrator', {
      configuration,
      region,
      functionsDir: props.functionsDir,
    });
    new OrchestratorAlarms(this, 'Alarms', {
      environmentSuffix,
      region,
      opsAlertTopic: Topic.fromTopicArn(
        this,
        'OpsAlertTopic',
        this.formatArn({
          service: 'sns',
          resource: resourceNames(environmentSuffix).opsAlertTopic,
          arnFormat: ArnFormat.NO_RESOURCE_NAME,
        }),
      ),
    });
    new OperatorDocuments(this, 'Operators', {
      environmentSuffix,
      regions: regionsOf(configuration),
      orchestrator: lambda,
    });
  }
}

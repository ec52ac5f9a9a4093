/** What the person who started a twin sees when it is ready. */

import type { TwinAddresses } from '#twin/control/addresses.ts';
import { columns, type Paint } from './terminal.ts';

export interface ReadyDescription {
  readonly suffix: string;
  readonly addresses: TwinAddresses;
  /** The primary first. */
  readonly regions: readonly string[];
  /** Absolute path, or null: the tables are gone when the twin stops. */
  readonly dataDirectory: string | null;
  /** Name of the payments table, for the example of an AWS CLI command. */
  readonly paymentsTable: string;
  /** Whether the API asks for signed requests; then the examples say so. */
  readonly access: 'open' | 'iam';
  /** CloudFormation types of the templates that the twin does not run. */
  readonly notRunTypes: readonly string[];
  /** From the command to now. */
  readonly startupMs: number;
}

const WIDTH = 80;

/** Fits 80 columns but for a long data path. Pure. */
export function renderReady(description: ReadyDescription, paint: Paint): string {
  const { suffix, addresses, regions, dataDirectory, notRunTypes, startupMs } = description;
  const primary = regions[0] as string;
  const heading = (text: string) => paint('strong', text);
  const seconds = (startupMs / 1_000).toFixed(1);

  const sections: string[][] = [
    [
      `${paint('good', 'Ready')} in ${seconds} s: ${regions.join(' and ')}, suffix ${suffix}`,
      dataDirectory === null
        ? 'Tables are gone when it stops; keep them with --data DIR.'
        : `Tables are kept in ${dataDirectory}`,
    ],
    [
      heading('Addresses'),
      ...columns([
        ['both Regions', addresses.entry, paint('faint', 'follows the failover DNS')],
        ...regions.map((region, index) => [
          region,
          addresses.regions[region] ?? '',
          paint('faint', index === 0 ? 'primary' : 'secondary'),
        ]),
        ['console', addresses.control, paint('faint', 'watch it, break it, heal it')],
        ['AWS endpoint', addresses.aws, paint('faint', 'DynamoDB, SQS, SNS')],
        ['DNS', addresses.dns, paint('faint', 'api.holdfast.test, UDP and TCP')],
      ]),
    ],
    [heading('Try a payment'), ...paymentExample(description)],
    [
      heading('Look inside with the AWS CLI'),
      '  AWS_ACCESS_KEY_ID=operator AWS_SECRET_ACCESS_KEY=operator \\',
      `    aws dynamodb scan --table-name ${description.paymentsTable} \\`,
      `    --region ${primary} --endpoint-url ${addresses.aws}`,
    ],
    [
      heading('Lose a Region, and bring it back'),
      `  npx holdfast fault ${primary} kill`,
      '  npx holdfast status',
      `  npx holdfast heal ${primary}`,
    ],
  ];
  if (notRunTypes.length > 0) {
    const list = [...new Set(notRunTypes)].sort().join(', ');
    sections.push([heading('Not run here'), ...wrap(list, WIDTH - 2).map((line) => `  ${line}`)]);
  }
  sections.push([paint('faint', 'Ctrl-C stops it.')]);
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function paymentExample({ addresses, access, regions }: ReadyDescription): string[] {
  const signing = `--aws-sigv4 aws:amz:${regions[0]}:execute-api --user operator:operator`;
  return [
    `  curl -i ${addresses.entry}/process \\`,
    ...(access === 'iam' ? [`    ${signing} \\`] : []),
    "    -H 'content-type: application/json' \\",
    `    -d '{"transaction_id":"t-1","customer_id":"c-1",`,
    `         "amount":"10.50","currency":"USD"}'`,
  ];
}

/** Breaks a text at its blanks so that no line is longer than `width`, words permitting. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

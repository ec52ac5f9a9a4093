/**
 * Writes what is generated from src/contract and checked in: the OpenAPI document and the error
 * reference. `--check` writes nothing and exits 1 when a file is not what it would write.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { ERRORS, type ErrorCode, problemType } from '#contract/errors.ts';
import { openApiDocument } from '#contract/openapi.ts';

const root = new URL('../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  version: string;
};

const files: Readonly<Record<string, string>> = {
  'docs/openapi.json': `${JSON.stringify(openApiDocument(version), null, 2)}\n`,
  'docs/reference/errors.md': errorReference(),
};

let stale = 0;
for (const [path, text] of Object.entries(files)) {
  const url = new URL(path, root);
  if (!process.argv.includes('--check')) {
    writeFileSync(url, text);
  } else if (readOrEmpty(url) !== text) {
    stale += 1;
    console.error(`${path} is not what src/contract says: run "npm run contract"`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;

function readOrEmpty(url: URL): string {
  try {
    return readFileSync(url, 'utf8');
  } catch {
    return '';
  }
}

function errorReference(): string {
  const rows = (Object.keys(ERRORS) as ErrorCode[]).map((code) => {
    const { status, retry, error, nextStep } = ERRORS[code];
    return `| \`${code}\` | ${status} | ${retry} | ${error} | ${nextStep} |`;
  });
  return `# Error codes

Made from \`src/contract/errors.ts\` by \`npm run contract\`; don't edit it by hand.

Every error body is \`application/problem+json\` (RFC 9457) with \`error\`, \`code\`, \`type\`, \`title\`,
\`status\`, \`detail\`, \`request_id\` and, where one field is at fault, \`field\`. Codes are append-only:
switch on \`code\`, never on a text. \`type\` is a URN of the code, for example \`${problemType('missing_field')}\`.

Retry: \`never\`, mend the request first; \`same-key\`, send the same request again with the same
transaction_id, to either Region; \`after-delay\`, the same, not before \`Retry-After\`
seconds (which every error that may be retried carries).

| code | status | retry | error | next step |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

import { describe, expect, it } from 'vitest';

import { environmentVariables } from '#twin/region/lambda/environment-variables.ts';
import { FUNCTION } from '../api/request-fixture.ts';

const variables = environmentVariables(FUNCTION, 'us-east-1', 'http://127.0.0.1:4566', {
  accessKeyId: 'AKIA1',
  secretAccessKey: 'secret',
  sessionToken: 'token',
});

describe('environmentVariables', () => {
  it("has the function's own and the runtime's, which the function can not replace", () => {
    expect(variables).toMatchObject({
      TABLE: 't',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'fn',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/fn',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ACCESS_KEY_ID: 'AKIA1',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      AWS_EC2_METADATA_DISABLED: 'true',
      _HANDLER: 'index.handler',
      LAMBDA_TASK_ROOT: '/code/fn',
    });
  });

  it("leaves the SDK no way to this machine's own configuration", () => {
    expect(variables).not.toHaveProperty('HOME');
    expect(variables).not.toHaveProperty('PATH');
    expect(variables['AWS_CONFIG_FILE']).toBe('/dev/null');
    expect(variables['AWS_SHARED_CREDENTIALS_FILE']).toBe('/dev/null');
  });
});

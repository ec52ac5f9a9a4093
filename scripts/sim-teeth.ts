/** `npm run sim:teeth`: plants bugs in the core, one at a time, and sees the simulator catch each. */

import { teethCommand } from '#cli/simulate/teeth-command.ts';

process.exitCode = await teethCommand(process.argv.slice(2));

import { describe, expect, it } from 'vitest';
import { teethCommand } from '#cli/simulate/teeth-command.ts';
import { plain } from '#cli/terminal.ts';

const SUBJECT = new URL('money-subject.ts', import.meta.url).href;

async function run(...argv: string[]) {
  let out = '';
  let error = '';
  const exitCode = await teethCommand(argv, {
    paint: plain,
    writeOut: (text) => (out += text),
    writeError: (text) => (error += text),
    subjectUrl: SUBJECT,
  });
  return { exitCode, out, error };
}

describe('teethCommand', () => {
  it('exits with 0 when every bug that was asked for is caught', async () => {
    const { exitCode, out } = await run('--only', 'amounts-through-a-float');
    expect(out).toMatch(/caught {2}amounts-through-a-float {2}acceptance {2}16 /);
    expect(out).toContain('seeds 1 to 3: clean');
    expect(exitCode).toBe(0);
  });

  it('exits with 1, and says so at once, when one is missed', async () => {
    const args = ['--only', 'fingerprint-of-the-amount-as-written', '--seconds', '0', '--json'];
    const { exitCode, out, error } = await run(...args);
    expect(exitCode).toBe(1);
    // Its subject here loads the money alone.
    expect(error).toBe('fingerprint-of-the-amount-as-written: does-not-apply\n');
    expect(JSON.parse(out)).toMatchObject({
      passed: false,
      times: null,
      results: [{ outcome: { kind: 'does-not-apply' } }],
    });
  });

  it('prints its help', async () => {
    const { exitCode, out } = await run('--help');
    expect(exitCode).toBe(0);
    for (const option of ['--only', '--seconds', '--json']) expect(out).toContain(`  ${option}`);
  });

  it.each([
    [['--only', 'no-such-bug'], 'No planted bug is called no-such-bug'],
    [['--seconds', 'ten'], 'whole number from 0 to 3600'],
    [['--every'], "unknown option '--every'"],
    [['extra'], 'too many arguments'],
  ])('rejects %j', async (argv, text) => {
    const { exitCode, error } = await run(...argv);
    expect(exitCode).toBe(2);
    expect(error).toContain(text);
  });
});

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '#cli/program.ts';
import { plain } from '#cli/terminal.ts';

/** The real parser, with nothing behind it. */
function parser(): Command {
  const program = createProgram({
    directory: '/nowhere',
    paint: plain,
    writeOut: () => undefined,
    writeError: () => undefined,
    setExitCode: () => undefined,
  });
  disarm(program);
  return program;
}

function disarm(command: Command): void {
  for (const child of command.commands) disarm(child);
  if (command.commands.length === 0) command.action(() => undefined);
}

/** Every `npx holdfast` line in a block of shell text, without its comment. */
function commandsIn(path: string): readonly string[] {
  const blocks = readFileSync(path, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm);
  return [...blocks]
    .flatMap(([, text = '']) => text.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => line.startsWith('npx holdfast '))
    .map((line) => line.replace(/\s+#.*$/, '').slice('npx holdfast '.length));
}

function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
}

describe.each(['docs/runbook.md', 'docs/reference/cli.md'])('%s', (path) => {
  const commands = [...new Set(commandsIn(path))];

  test('has commands', () => {
    expect(commands.length).toBeGreaterThan(10);
  });

  test.each(commands)('has a command line that is right: %s', async (line) => {
    await expect(parser().parseAsync(wordsOf(line), { from: 'user' })).resolves.toBeDefined();
  });
});

test('a command line that is wrong is found', async () => {
  for (const line of ['failover us-east-2', 'mode off', 'drain', 'nope']) {
    await expect(parser().parseAsync(wordsOf(line), { from: 'user' })).rejects.toThrow(/./);
  }
});

import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROOT } from '../../../test/support/build.js';
import { SHELLS } from './completion/commands.js';
import { completionScript } from './completion/scripts.js';
import { examplesOf } from './define.js';
import { documentationOf } from './documentation.js';
import { allCommands, createProgram } from './program.js';
import { VERSION } from './version.js';

const program = createProgram();
const leaves = [...allCommands(program)].filter(({ commands }) => commands.length === 0);

const pathOf = (command: Command): string => (command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name());

/** The words of a shell command, up to what is beyond the program. */
const wordsOf = (line: string): string[] =>
  [...line.replaceAll(/ [|>] .*$| < .*$/g, '').matchAll(/"(?:[^"\\]|\\.)*"|\S+/g)].map(([word]) =>
    word.replace(/^"(.*)"$/, '$1'),
  );

it('the version is that of the package', async () => {
  const { version } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8')) as { version: string };
  expect(VERSION).toBe(version);
});

it('docs/cli.md is what the commands say (node apps/cli/scripts/write-docs.js)', async () => {
  expect(await readFile(`${ROOT}docs/cli.md`, 'utf8')).toBe(documentationOf(program));
});

describe.each(leaves.map(command => [pathOf(command), command] as const))('%s', (_, command) => {
  it('has a description, and examples that can be called so', async () => {
    expect(command.description()).not.toBe('');
    expect(examplesOf(command).length).toBeGreaterThan(0);
    for (const line of examplesOf(command)) {
      // An example may begin with another program that pipes into this one.
      const own = line.split('ambientctl ').at(-1) ?? '';
      const tried = createProgram();
      let called: string | undefined;
      for (const each of allCommands(tried)) if (each.commands.length === 0) each.action(() => void (called = pathOf(each)));
      tried.configureOutput({ writeErr: () => {} });
      await tried.parseAsync(wordsOf(own), { from: 'user' });
      expect(called).toBe(pathOf(command));
    }
  });
});

describe('completion', () => {
  it.each(SHELLS)('of %s names every command and every option', shell => {
    const script = completionScript(shell, program);
    for (const command of allCommands(program)) {
      if (command !== program) expect(script).toContain(command.name());
      for (const { long = '' } of command.options) expect(script).toContain(long?.replace(/^--/, '') ?? '');
    }
  });

  describe('in bash', () => {
    let script: string;
    beforeAll(() => {
      script = completionScript('bash', program);
    });
    const completed = async (...words: string[]): Promise<string[]> => {
      const line = `${script}\nCOMP_WORDS=(ambientctl "$@"); COMP_CWORD=$#; _ambientctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await promisify(execFile)('bash', ['-c', line, 'bash', ...words]);
      return stdout.trim().split('\n');
    };

    it('completes commands, options and their values, wherever they stand', async () => {
      expect(await completed('sess')).toEqual(['session']);
      expect(await completed('-p', 'acme', 'ss', 'up')).toEqual(['update', 'upcoming']);
      expect(await completed('ss', 'trigger', '--over')).toEqual(['--overlap']);
      expect(await completed('ss', 'trigger', 'x', '--overlap', 'r')).toEqual(['replace']);
      expect(await completed('scheduled-session', 'list', '-o', 'j')).toEqual(['json']);
      expect(await completed('completion', 'z')).toEqual(['zsh']);
    });
  });
});

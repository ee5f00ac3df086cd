import { Argument, type Command } from 'commander';
import { act, examples } from '../define.js';

const load = () => import('./actions.js');

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export function defineCompletion(program: Command): void {
  examples(
    program
      .command('completion')
      .addArgument(new Argument('<shell>').choices(SHELLS))
      .description('a script that completes commands, options and their values in a shell')
      .action(act(load, 'completion')),
    'completion bash > /etc/bash_completion.d/ambientctl',
    'completion zsh > "${fpath[1]}/_ambientctl"',
    'completion fish > ~/.config/fish/completions/ambientctl.fish',
  );
}

import type { Command } from 'commander';
import { act, asList, examples, withFields } from '../define.js';
import { AGENT_FIELDS } from './fields.js';

const load = () => import('./actions.js');

export function defineAgents(program: Command): void {
  const agent = program.command('agent').description('agents of a project: they do their work in sessions');
  examples(asList(agent.command('list').description('agents of the project')).action(act(load, 'list')), 'agent list -p acme');
  examples(
    agent.command('get').argument('<agent>', 'name or id').description('one agent, with all it has').action(act(load, 'get')),
    'agent get greeter -o json',
  );
  examples(
    withFields(agent.command('create').argument('<name>').description('create an agent'), AGENT_FIELDS).action(
      act(load, 'create'),
    ),
    'agent create greeter --prompt "You greet people."',
    'agent create reviewer --prompt-file reviewer.md --model claude-sonnet-4-6 --env LOG_LEVEL=debug',
  );
  examples(
    withFields(
      agent
        .command('update')
        .argument('<agent>', 'name or id')
        .description('change an agent')
        .option('--name <name>', 'another name'),
      AGENT_FIELDS,
      { clear: true },
    ).action(act(load, 'update')),
    'agent update greeter --temperature 0.2',
    'agent update greeter --name welcomer --clear llm_model',
  );
  examples(
    agent.command('delete').argument('<agent>', 'name or id').description('delete an agent').action(act(load, 'remove')),
    'agent delete greeter',
  );
  examples(
    agent
      .command('start')
      .argument('<agent>', 'name or id')
      .description('start a session of the agent; if one is active, that is the one')
      .option('--prompt <text>', 'the task')
      .option('--watch', 'follow the session to its end; the exit code is its result')
      .option('--preview', 'show the prompt that it would begin with, and start nothing')
      .action(act(load, 'start')),
    'agent start greeter --prompt "Greet the new colleague." --watch',
    'agent start greeter --preview',
  );
}

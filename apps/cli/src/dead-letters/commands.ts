import type { Command } from 'commander';
import { act, examples } from '../define.js';

const load = () => import('./actions.js');

export function defineDeadLetters(program: Command): void {
  const dead = program.command('dead').description('messages that could not be handled; over the NATS that NATS_URL names');
  examples(dead.command('list').description('those there are, oldest first').action(act(load, 'list')), 'dead list');
  const onOneOrAll = (name: string): Command => dead.command(name).argument('[id]').option('--all', 'all there are');
  examples(
    onOneOrAll('retry').description('have one delivered again').action(act(load, 'retry')),
    'dead retry 0197a1f0-6d2b-7c55-a9a2-6a2f0f6c9d10',
    'dead retry --all',
  );
  examples(onOneOrAll('discard').description('forget one').action(act(load, 'discard')), 'dead discard --all');
}

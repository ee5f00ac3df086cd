import type { Command } from 'commander';
import { act, asList, examples, withFields } from '../define.js';
import { PROJECT_FIELDS } from './fields.js';

const load = () => import('./actions.js');

export function defineProjects(program: Command): void {
  const project = program.command('project').description('projects: they hold agents, schedules and sessions');
  examples(
    asList(project.command('list').description('projects that you may see')).action(act(load, 'list')),
    'project list',
    'project list --search "name like \'team-%\'" -o name',
  );
  examples(
    project.command('get').argument('<project>').description('one project, with all it has').action(act(load, 'get')),
    'project get acme -o yaml',
  );
  examples(
    withFields(
      project.command('create').argument('<name>').description('create a project; you become its owner'),
      PROJECT_FIELDS,
    ).action(act(load, 'create')),
    'project create acme --description "Where it all began"',
  );
  examples(
    withFields(project.command('update').argument('<project>').description('change a project'), PROJECT_FIELDS, {
      clear: true,
    }).action(act(load, 'update')),
    'project update acme --prompt-file house-rules.md',
    'project update acme --clear description',
  );
  examples(
    project
      .command('delete')
      .argument('<project>')
      .description('delete a project; its history stays readable to administrators')
      .action(act(load, 'remove')),
    'project delete acme',
  );
}

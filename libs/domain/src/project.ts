import { hrefs, idOf, type EventOf, type Project, type ProjectChanges, type ProjectCreate } from '#contracts';
import {
  absent,
  changed,
  conflict,
  deleted,
  effectiveChanges,
  notFound,
  withoutNulls,
  type Decider,
  type Lifecycle,
} from './decider.js';

/** Stream `project-{name}`: the border that nothing crosses. Its id is its name, so a name is never given twice: what it held must not come to a new owner. */
export type ProjectEvent =
  /** A name was taken; its creator is granted project:owner in the same breath. */
  | EventOf<'ProjectCreated'>
  | EventOf<'ProjectUpdated'>
  /** Its history, sessions and runs stay readable to auditors. */
  | EventOf<'ProjectDeleted'>;

export type ProjectCommand =
  | { readonly type: 'CreateProject'; readonly fields: ProjectCreate }
  | { readonly type: 'UpdateProject'; readonly changes: ProjectChanges }
  | {
      readonly type: 'DeleteProject';
      readonly project_id: string;
      readonly active: { readonly schedules: number; readonly sessions: number };
    };

export type ProjectState = Lifecycle<Project>;

export const project: Decider<ProjectState, ProjectCommand, ProjectEvent> = {
  initial: absent,

  decide(state, command) {
    if (command.type === 'CreateProject') {
      if (state.status === 'present') return conflict(`a project named ${command.fields.name} exists already`);
      if (state.status === 'deleted')
        return conflict(`the name ${command.fields.name} belonged to a project that was deleted: choose another`);
      return [{ type: 'ProjectCreated', payload: { project_id: command.fields.name, ...command.fields } }];
    }
    if (state.status !== 'present') return notFound('project');
    const project_id = state.value.id;
    switch (command.type) {
      case 'UpdateProject': {
        const changes = effectiveChanges(state.value, command.changes);
        return changes ? [{ type: 'ProjectUpdated', payload: { project_id, changes } }] : [];
      }
      case 'DeleteProject': {
        const { schedules, sessions } = command.active;
        if (schedules + sessions > 0) {
          return conflict(
            `project ${project_id} still has ${schedules} enabled schedules and ${sessions} active sessions: suspend or stop them first`,
          );
        }
        return [{ type: 'ProjectDeleted', payload: { project_id } }];
      }
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'ProjectCreated': {
        const { project_id: _, ...fields } = event.payload;
        const id = idOf(event.stream);
        const at = event.metadata.occurred_at;
        return {
          status: 'present',
          value: withoutNulls({ id, kind: 'Project', href: hrefs.project(id), created_at: at, updated_at: at, ...fields }),
        };
      }
      case 'ProjectUpdated':
        return changed(state, event, () => event.payload.changes as Partial<Project>);
      case 'ProjectDeleted':
        return deleted(state, event);
    }
  },
};

import type { Occurred } from '#contracts';
import { project, type ProjectEvent } from '#domain';
import { evolved, type ProjectDocument } from './documents.js';

/** The project after one more event of its stream. A deleted name may be created again. */
export function projectDocument(before: ProjectDocument | undefined, event: Occurred<ProjectEvent>): ProjectDocument {
  const { revision } = event;
  const body = evolved(project, { value: before?.body, revision: before?.state.revision }, event);
  return { body, state: { revision, project_id: event.payload.project_id } };
}

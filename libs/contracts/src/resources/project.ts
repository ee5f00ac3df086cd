import type { Static } from 'typebox';
import { changesOf, createBodyOf, JsonObjectText, ProjectName, resourceOf, ShortText, Text } from '../fields.js';

/** A Project holds agents, schedules and sessions, and is the border that nothing crosses. Its id is its name. */
export const projectFields = {
  required: { name: ProjectName },
  defaulted: {},
  nullable: {
    description: Text,
    prompt: Text,
    status: ShortText,
    labels: JsonObjectText,
    annotations: JsonObjectText,
  },
  readOnly: {},
};

export const ProjectCreate = createBodyOf(projectFields);
export const ProjectChanges = changesOf({ ...projectFields, required: {} });
export const Project = resourceOf(projectFields);

export type ProjectCreate = Static<typeof ProjectCreate>;
export type ProjectChanges = Static<typeof ProjectChanges>;
export type Project = Static<typeof Project>;

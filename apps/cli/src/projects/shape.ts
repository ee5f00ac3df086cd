import type { Project } from '#client';
import type { Shape } from '../output/shape.js';

export const projectShape: Shape<Project> = {
  noun: 'project',
  nameOf: ({ name }) => name,
  columns: [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'DESCRIPTION', of: ({ description }) => description },
    { title: 'CREATED', of: ({ created_at }, times) => times.show(created_at) },
    { title: 'STATUS', of: ({ status }) => status, wide: true },
    { title: 'LABELS', of: ({ labels }) => labels, wide: true },
  ],
};

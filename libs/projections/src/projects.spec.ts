import { describe, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { after, occurred } from '../testing/index.js';
import { projectDocument } from './projects.js';

const stream = streams.project('blue');
const at = '2026-01-01T00:00:00.000Z';
const created = (revision: number) =>
  occurred(stream, revision, 'ProjectCreated', { project_id: 'blue', name: 'blue', labels: '{"a":"b"}' });
const deleted = (revision: number) => occurred(stream, revision, 'ProjectDeleted', { project_id: 'blue' });

describe('a project', () => {
  it('is the resource that was created', () => {
    expect(projectDocument(undefined, created(0))).toEqual({
      body: {
        id: 'blue',
        kind: 'Project',
        href: '/api/ambient/v1/projects/blue',
        created_at: at,
        updated_at: at,
        name: 'blue',
        labels: '{"a":"b"}',
      },
      state: { revision: 0, project_id: 'blue' },
    });
  });

  it('changes', () => {
    const updated = occurred(stream, 1, 'ProjectUpdated', { project_id: 'blue', changes: { description: 'Sky', labels: null } });
    const { body } = after(projectDocument, [created(0), updated]);
    expect([body?.description, body && 'labels' in body]).toEqual(['Sky', false]);
  });

  it('is gone when it is deleted, and may be created again under its name', () => {
    const gone = after(projectDocument, [created(0), deleted(1)]);
    expect(gone).toEqual({ body: undefined, state: { revision: 1, project_id: 'blue' } });
    expect(projectDocument(gone, created(2))).toMatchObject({ body: { id: 'blue' }, state: { revision: 2 } });
  });

  it('refuses an event when one before it is missing', () => {
    expect(() => projectDocument(projectDocument(undefined, created(0)), deleted(2))).toThrow(
      'revision 2 of project-blue came where 1 was due',
    );
  });
});

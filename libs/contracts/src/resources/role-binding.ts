import Type, { type Static } from 'typebox';
import { Common, ProjectName } from '../fields.js';

export const ROLES = [
  'platform:admin',
  'platform:viewer',
  'project:owner',
  'project:editor',
  'project:viewer',
  'runtime',
] as const;
/** What a caller may do; the table is in the specification of the proxy. */
export type RoleId = (typeof ROLES)[number];
export const RoleId = Type.Enum([...ROLES]);

export const SCOPES = ['global', 'project'] as const;

export const RoleBindingCreate = Type.Object({
  role_id: RoleId,
  scope: Type.Enum([...SCOPES]),
  user_id: Type.String({ minLength: 1, maxLength: 255 }),
  project_id: Type.Optional(ProjectName),
});
export const RoleBinding = Type.Object({ ...Common, ...RoleBindingCreate.properties });
export const Role = Type.Object({
  id: RoleId,
  kind: Type.Literal('Role'),
  href: Type.String(),
  name: RoleId,
  display_name: Type.String(),
  description: Type.String(),
  built_in: Type.Literal(true),
});

export type RoleBindingCreate = Static<typeof RoleBindingCreate>;
export type RoleBinding = Static<typeof RoleBinding>;
export type Role = Static<typeof Role>;

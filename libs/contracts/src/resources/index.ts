export * from './agent.js';
export * from './project.js';
export * from './role-binding.js';
export * from './scheduled-session.js';
export * from './session.js';

/** What the runtime gives to the agent: project prompt, agent prompt, task, each under its heading. A task alone stands for itself. */
export function startingPrompt(parts: {
  project?: string | undefined;
  agent?: string | undefined;
  task?: string | undefined;
}): string {
  const sections = [
    ['Project', parts.project],
    ['Agent', parts.agent],
    ['Task', parts.task],
  ].filter(([, text]) => text?.trim());
  if (sections.length === 1 && sections[0]?.[0] === 'Task') return parts.task ?? '';
  return sections.map(([heading, text]) => `# ${heading}\n\n${text}\n`).join('\n');
}

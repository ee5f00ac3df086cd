import { Inject, Injectable } from '@nestjs/common';
import { streams } from '#contracts';
import { agent, project, startingPrompt } from '#domain';
import { Journal } from '#journal';

/** Puts together what the runtime gives to the agent. */
@Injectable()
export class Prompts {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  async startingPrompt(of: {
    project_id?: string | undefined;
    agent_id?: string | undefined;
    task?: string | undefined;
  }): Promise<string> {
    const ofProject = of.project_id === undefined ? undefined : await this.journal.load(project, streams.project(of.project_id));
    const ofAgent = of.agent_id === undefined ? undefined : await this.journal.load(agent, streams.agent(of.agent_id));
    return startingPrompt({
      project: ofProject?.state.status === 'present' ? ofProject.state.value.prompt : undefined,
      agent: ofAgent?.state.status === 'present' ? ofAgent.state.value.prompt : undefined,
      task: of.task,
    });
  }
}

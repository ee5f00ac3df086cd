import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { streams, type SessionMessage } from '#contracts';
import { messages, session } from '#domain';
import { notFoundProblem, type RequestContext } from '#service';
import { Commands } from '../support/commands.js';
import { SerialQueues } from '../support/serial-queues.js';

export class AppendMessage extends Command<SessionMessage> {
  constructor(
    readonly context: RequestContext,
    readonly sessionId: string,
    readonly eventType: string,
    readonly payload: string,
  ) {
    super();
  }
}

@CommandHandler(AppendMessage)
export class AppendMessageHandler implements ICommandHandler<AppendMessage> {
  /** A session's messages come in bursts: in turn, not one of them is tried in vain. */
  private readonly bySession = new SerialQueues();

  constructor(@Inject(Commands) private readonly commands: Commands) {}

  execute(command: AppendMessage): Promise<SessionMessage> {
    return this.bySession.run(command.sessionId, () => this.append(command));
  }

  private append({ context, sessionId, eventType, payload }: AppendMessage): Promise<SessionMessage> {
    return this.commands.run('AppendMessage', async () => {
      const { state } = await this.commands.journal.load(session, streams.session(sessionId));
      if (state.status !== 'present') throw notFoundProblem('session');
      const { project_id } = state.value;
      const message_id = context.ids.ksuid('message');
      const command = {
        type: 'AppendMessage',
        session_id: sessionId,
        project_id,
        message_id,
        event_type: eventType,
        payload,
      } as const;
      const plan = await this.commands.plan(messages, streams.messages(sessionId), command, context);
      await this.commands.commit(plan);
      const { last } = plan.state;
      if (!last) throw new Error('a message was accepted and is not there');
      return last;
    });
  }
}

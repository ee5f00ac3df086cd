import { Controller, Inject, Query } from '@nestjs/common';
import { SESSION_PLACE, streams, type SessionPlaceAnswer } from '#contracts';
import { session } from '#domain';
import { Journal } from '#journal';
import { badRequest, HandlesRoute } from '#service';
import { textOf, type Parameters } from '../support/parameters.js';

/** For proxies alone: the door lets no one else through to it. */
@Controller()
export class SessionPlaceController {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  @HandlesRoute(SESSION_PLACE)
  async place(@Query() parameters: Parameters): Promise<SessionPlaceAnswer> {
    const id = textOf(parameters, 'session_id');
    if (id === undefined) throw badRequest('session_id must be given');
    const { state } = await this.journal.load(session, streams.session(id));
    if (state.status !== 'present') return { found: false, phase: '' };
    const { project_id, phase, kube_namespace: namespace } = state.value;
    return {
      found: true,
      phase,
      ...(project_id === undefined ? {} : { project_id }),
      ...(namespace === undefined ? {} : { namespace }),
    };
  }
}

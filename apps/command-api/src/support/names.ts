/** Names that are unique in their project, by claims. */
import { Inject, Injectable } from '@nestjs/common';
import { streams, type EventOf } from '#contracts';
import { agent, nameClaim, scheduledSession, type NameClaimState } from '#domain';
import type { Plan } from '#journal';
import { WrongExpectedRevision } from '#event-store';
import type { RequestContext } from '#service';
import { Commands } from './commands.js';

type Claim = EventOf<'NameClaimed'>['payload'];

/**
 * A claim whose holder was never created, because its command died between the two appends, blocks the name for this long. (An engine that
 * appends both in one transaction never leaves one.)
 */
const ABANDONED_AFTER_MS = 60_000;

@Injectable()
export class Names {
  constructor(@Inject(Commands) private readonly commands: Commands) {}

  /** Claims a name that is probably free: no read. The commit's {@link WrongExpectedRevision} on this stream says to {@link claim}. */
  claimNew(claim: Claim, context: RequestContext): Plan<NameClaimState> {
    return this.commands.planNew(nameClaim, streamOf(claim), { type: 'ClaimName', claim, holder_gone: false }, context);
  }

  /** Claims a name, seeing who holds it. @throws {Rejected} when it is taken */
  async claim(claim: Claim, context: RequestContext): Promise<Plan<NameClaimState>> {
    const { state } = await this.commands.journal.load(nameClaim, streamOf(claim));
    const holder_gone = await this.isAbandoned(claim, state, context.now);
    return this.commands.plan(nameClaim, streamOf(claim), { type: 'ClaimName', claim, holder_gone }, context);
  }

  release(claim: Claim, context: RequestContext): Promise<Plan<NameClaimState>> {
    return this.commands.plan(nameClaim, streamOf(claim), { type: 'ReleaseName', claim }, context);
  }

  /** Runs a create: first as if the name were free, then, when its stream is not new, on what the claim says. */
  async creating<T>(
    attempt: (claim: (claim: Claim) => Promise<Plan<NameClaimState>>) => Promise<T>,
    context: RequestContext,
  ): Promise<T> {
    try {
      return await attempt(claim => Promise.resolve(this.claimNew(claim, context)));
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      return attempt(claim => this.claim(claim, context));
    }
  }

  private async isAbandoned(claim: Claim, { holder_id, claimed_at }: NameClaimState, now: number): Promise<boolean> {
    if (!holder_id || !claimed_at || now - Date.parse(claimed_at) < ABANDONED_AFTER_MS) return false;
    const { journal } = this.commands;
    switch (claim.resource_kind) {
      case 'Agent':
        return (await journal.load(agent, streams.agent(holder_id))).state.status === 'absent';
      case 'ScheduledSession':
        return (await journal.load(scheduledSession, streams.scheduledSession(holder_id))).state.status === 'absent';
    }
  }
}

const streamOf = ({ project_id, resource_kind, name }: Claim) => streams.nameClaim(project_id, resource_kind, name);

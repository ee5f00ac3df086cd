/** Names that are unique in their project, by claims. */
import { Inject, Injectable } from '@nestjs/common';
import { streams, type EventOf } from '#contracts';
import { agent, nameClaim, scheduledSession, type Lifecycle, type NameClaimState } from '#domain';
import type { Plan } from '#journal';
import { WrongExpectedRevision } from '#event-store';
import { Problem, type RequestContext } from '#service';
import { Commands } from './commands.js';

type Claim = EventOf<'NameClaimed'>['payload'];

/**
 * A claim whose holder does not bear the name, because its command died between the appends, blocks the name for this long. (An engine that
 * appends all of them in one transaction never leaves one.)
 */
const ABANDONED_AFTER_MS = 60_000;

@Injectable()
export class Names {
  constructor(@Inject(Commands) private readonly commands: Commands) {}

  /** Claims a name that is probably free: no read. The commit's {@link WrongExpectedRevision} on this stream says to {@link claim}. */
  claimNew(claim: Claim, context: RequestContext): Plan<NameClaimState> {
    return this.commands.planNew(nameClaim, streamOf(claim), { type: 'ClaimName', claim, holder_gone: false }, context);
  }

  /** Claims a name, seeing who holds it. @throws {Rejected} when it is taken @throws {Problem} when it may be free soon */
  async claim(claim: Claim, context: RequestContext): Promise<Plan<NameClaimState>> {
    const { state } = await this.commands.journal.load(nameClaim, streamOf(claim));
    const holder_gone = await this.isVoid(claim, state, context.now);
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

  /**
   * Whether a claim counts no more: its holder has not come to bear the name in time, or has not let go of it.
   * @throws {Problem} 409 for one whose holder may still be about to
   */
  private async isVoid({ name, resource_kind, holder_id }: Claim, held: NameClaimState, now: number): Promise<boolean> {
    if (held.holder_id === undefined || held.claimed_at === undefined || held.holder_id === holder_id) return false;
    const holder = await this.holder(resource_kind, held.holder_id);
    if (holder.status === 'present' && holder.value.name === name) return false;
    const since = holder.status === 'deleted' ? holder.value.updated_at : held.claimed_at;
    const leftMs = Date.parse(since) + ABANDONED_AFTER_MS - now;
    if (leftMs <= 0) return true;
    const seconds = Math.ceil(leftMs / 1000);
    throw new Problem(
      6,
      `name ${JSON.stringify(name)} is claimed by a request that is not finished; if it never is, the name is free in ${seconds} s`,
      undefined,
      { 'Retry-After': String(seconds) },
    );
  }

  private async holder(
    kind: Claim['resource_kind'],
    id: string,
  ): Promise<Lifecycle<{ readonly name: string; readonly updated_at: string }>> {
    const { journal } = this.commands;
    switch (kind) {
      case 'Agent':
        return (await journal.load(agent, streams.agent(id))).state;
      case 'ScheduledSession':
        return (await journal.load(scheduledSession, streams.scheduledSession(id))).state;
    }
  }
}

const streamOf = ({ project_id, resource_kind, name }: Claim) => streams.nameClaim(project_id, resource_kind, name);

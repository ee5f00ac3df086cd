import { Inject, Injectable } from '@nestjs/common';
import { ReadBarrier } from '#projections';
import type { Document, Page, Query, ReadStore } from '#read-store';
import { Problem } from '#service';

export const READ_STORE = Symbol('ReadStore');

const PATIENCE_MS = 5000;

/** The read model for commands: it is brought up to the head of the log first, for what it lacks can not be decided on. */
@Injectable()
export class CaughtUpReads {
  constructor(
    @Inject(READ_STORE) private readonly reads: ReadStore,
    @Inject(ReadBarrier) private readonly barrier: ReadBarrier,
  ) {}

  /** @throws {Problem} 503 when it does not catch up in time */
  async find(query: Query): Promise<Page> {
    await this.catchUp();
    return this.reads.live.find(query);
  }

  /** Documents by id, tombstones too; those that do not exist are left out. @throws {Problem} 503 when it does not catch up in time */
  async get(collection: string, ids: readonly string[]): Promise<Document[]> {
    if (ids.length === 0) return [];
    await this.catchUp();
    return this.reads.live.get(collection, ids);
  }

  private async catchUp(): Promise<void> {
    const caughtUp = await this.barrier.waitForHead(PATIENCE_MS);
    if (!caughtUp.reached)
      throw new Problem(503, 'the read model is behind, so this can not be decided now', undefined, { 'Retry-After': '1' });
  }
}

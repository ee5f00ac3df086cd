import { Inject, Injectable } from '@nestjs/common';
import { NO_PROGRESS, ReadBarrier, scheduleProgressOf, type ScheduleProgress } from '#projections';
import type { ReadStore } from '#read-store';
import { READ_STORE } from '../support/caught-up-reads.js';

/** What a schedule's runs have brought: the part of the resource that its own stream does not tell. */
@Injectable()
export class ScheduleProgressReader {
  constructor(
    @Inject(READ_STORE) private readonly reads: ReadStore,
    @Inject(ReadBarrier) private readonly barrier: ReadBarrier,
  ) {}

  async of(scheduledSessionId: string): Promise<ScheduleProgress> {
    await this.barrier.waitForHead(PATIENCE_MS);
    const [document] = await this.reads.live.get('scheduled_sessions', [scheduledSessionId]);
    return document ? scheduleProgressOf(document) : NO_PROGRESS;
  }
}

const PATIENCE_MS = 500;

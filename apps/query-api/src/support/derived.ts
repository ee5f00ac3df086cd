import { Inject, Injectable } from '@nestjs/common';
import { ReadBarrier } from '#projections';
import type { Collection, Document, ReadStore } from '#read-store';
import { PATIENCE_MS } from './lists.js';
import { READ_STORE } from './tokens.js';

/** Documents for what does not stand in a thing's own stream, but follows from others': a schedule's runs, an agent's sessions. */
@Injectable()
export class Derived {
  constructor(
    @Inject(READ_STORE) private readonly reads: ReadStore,
    @Inject(ReadBarrier) private readonly barrier: ReadBarrier,
  ) {}

  /** As new as the request, or as new as it has become when patience ends: then it is not `current`. */
  async read({ name }: Collection, id: string): Promise<{ document: Document | undefined; current: boolean }> {
    const current = await this.caughtUp();
    const [document] = await this.reads.live.get(name, [id]);
    return { document, current };
  }

  /** True when the read model holds everything that was in the log. */
  async caughtUp(): Promise<boolean> {
    return (await this.barrier.waitForHead(PATIENCE_MS)).reached;
  }
}

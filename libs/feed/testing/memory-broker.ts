import {
  FeedStreamMoved,
  FeedUnavailable,
  MessageRefused,
  NO_PROGRESS,
  type FeedMessage,
  type FeedProgress,
  type FeedStream,
} from '../src/index.js';
import type { Broker } from './feed-stream-suite.js';

/** A broker in memory that keeps the contract, and fails when a test tells it to. */
export class MemoryBroker implements Broker {
  #messages: FeedMessage[] = [];
  /** Number of messages that grew too old. */
  #forgotten = 0;
  /** Counts the streams that were made. */
  #made = 0;
  #saved: { readonly made: number; readonly progress: FeedProgress } | undefined;
  /** Called before anything is asked of the broker; it may throw. */
  onCall: (method: keyof FeedStream) => void = () => {};
  /** Of the messages of a call, so many are kept, then it fails. */
  keeps = Infinity;
  /** Largest message, in characters. */
  most = Infinity;

  async received(): Promise<readonly FeedMessage[]> {
    return this.#messages;
  }

  async wipe(): Promise<void> {
    this.#messages = [];
    this.#forgotten = 0;
    this.#made += 1;
    this.#saved = undefined;
  }

  async forget(): Promise<void> {
    this.#forgotten += this.#messages.length;
    this.#messages = [];
  }

  async relay(): Promise<FeedStream> {
    let made = 0;
    let last = 0;
    const assertMine = (): void => {
      if (made !== this.#made || last !== this.#length) throw new FeedStreamMoved(`wrong last message: ${this.#length}`);
    };
    return {
      resume: async () => {
        this.onCall('resume');
        made = this.#made;
        last = this.#length;
        const progress = this.#saved?.made === made ? this.#saved.progress : NO_PROGRESS;
        const position = this.#messages.at(-1)?.position;
        return position !== undefined && position > (progress.position ?? '') ? { ...progress, position } : progress;
      },
      publish: async messages => {
        this.onCall('publish');
        for (const [index, message] of messages.entries()) {
          assertMine();
          if (message.data.length > this.most) throw new MessageRefused(message.position, 'too large');
          if (index >= this.keeps) throw new FeedUnavailable('the broker fails');
          this.#messages.push(message);
          last += 1;
        }
      },
      save: async progress => {
        this.onCall('save');
        this.#saved = { made, progress };
      },
      untouched: async () => {
        this.onCall('untouched');
        return made === this.#made && last === this.#length;
      },
    };
  }

  get #length(): number {
    return this.#forgotten + this.#messages.length;
  }
}

/** How an agent ended: the exit code of its process, or the signal that killed it. */
export type Exit = { readonly code: number } | { readonly signal: NodeJS.Signals };

/** One source of messages of an agent. */
export interface Output {
  readonly eventType: 'assistant' | 'system';
  readonly messages: AsyncIterable<string>;
}

/** What does the work of one session. */
export interface Agent {
  /** Each in its own order. An agent whose messages are not taken waits. */
  readonly outputs: readonly Output[];
  /** Rejects when the agent could not be started. */
  readonly exit: Promise<Exit>;
  /** Asks it to end; what has not ended within the grace is killed. To ask again changes nothing. */
  terminate(): void;
  /** Asks it to break off what it does; it may end of that, or go on. */
  interrupt(): void;
  readonly takesInput: boolean;
  /** Gives it more to do, as a line of its input. False when it takes none. */
  write(text: string): boolean;
  /** Ends it at once. */
  kill(): void;
  /** Ends the outputs, whoever still holds them. */
  closeOutputs(): void;
  /** Resolves when it has ended and nothing that it left behind runs any more: that may be after its exit and its last output. */
  gone(): Promise<void>;
}

import type { EventOf } from '#contracts';
import type { Decider } from '#domain';

/** Stream `idempotency-{hash of caller and key}`: what was asked under a key, and what was answered. Counts for 24 h. */
export type IdempotencyEvent =
  /** From here a repetition has the same time, the same ids, and so the same effect. */
  | EventOf<'RequestAccepted'>
  /** From here a repetition gets this answer and has no effect. */
  | EventOf<'RequestAnswered'>;

export type IdempotencyCommand =
  | ({ readonly type: 'AcceptRequest' } & EventOf<'RequestAccepted'>['payload'])
  | ({ readonly type: 'AnswerRequest' } & EventOf<'RequestAnswered'>['payload']);

export interface IdempotencyState {
  readonly accepted?: EventOf<'RequestAccepted'>['payload'];
  readonly answer?: EventOf<'RequestAnswered'>['payload'];
}

export const idempotency: Decider<IdempotencyState, IdempotencyCommand, IdempotencyEvent> = {
  initial: {},

  decide(_, { type, ...payload }) {
    return [{ type: type === 'AcceptRequest' ? 'RequestAccepted' : 'RequestAnswered', payload } as IdempotencyEvent];
  },

  evolve(state, event) {
    switch (event.type) {
      case 'RequestAccepted':
        return { accepted: event.payload };
      case 'RequestAnswered':
        return { ...state, answer: event.payload };
    }
  },
};

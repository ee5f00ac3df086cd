import { describe, expect, it } from '@jest/globals';
import { streams, type EventOf } from '#contracts';
import { at, factsOf, scenariosOf } from '../testing/scenario.js';
import { messageOf, messages } from './messages.js';

const SESSION = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const given = scenariosOf(messages, streams.messages(SESSION));

const append = (message_id: string, project_id?: string) =>
  ({
    type: 'AppendMessage',
    session_id: SESSION,
    project_id,
    message_id,
    event_type: 'user',
    payload: `text of ${message_id}`,
  }) as const;

const appended = (seq: number, message_id: string): EventOf<'SessionMessageAppended'> => ({
  type: 'SessionMessageAppended',
  payload: { session_id: SESSION, message_id, seq, event_type: 'user', payload: `text of ${message_id}` },
});

describe('appending a message', () => {
  it('counts from 1 without gaps', () => {
    given().when(append('m1')).thenEvents(appended(1, 'm1'));
    given(appended(1, 'm1')).when(append('m2')).thenEvents(appended(2, 'm2'));
    given().when(append('m1'), append('m2'), append('m3')).thenEvents(appended(3, 'm3'));
  });

  it('decides nothing for the same message again', () => {
    given().when(append('m1'), append('m1')).thenNothing();
  });

  it('says which project it is of, where there is one', () => {
    const { type, payload } = appended(1, 'm1');
    given()
      .when(append('m1', 'blue'))
      .thenEvents({ type, payload: { project_id: 'blue', ...payload } });
  });
});

it('shows a message as the API answers it', () => {
  const [fact] = factsOf(streams.messages(SESSION), [appended(7, 'm7')]);
  expect(messageOf(fact!)).toEqual({
    id: 'm7',
    session_id: SESSION,
    seq: 7,
    event_type: 'user',
    payload: 'text of m7',
    created_at: at(0),
  });
});

import { describe, expect, it } from '@jest/globals';
import { newUserMessages } from './ag-ui.js';

describe('new user messages', () => {
  const user = (content: unknown, id?: string) => ({ role: 'user', content, ...(id === undefined ? {} : { id }) });
  const assistant = { role: 'assistant', content: 'done', id: 'a' };

  it.each([
    ['are those of a first input', [user('hi', '1')], [{ id: '1', text: 'hi' }]],
    [
      'are those after the last answer',
      [user('hi', '1'), assistant, user('more'), user('and', '2')],
      [{ text: 'more' }, { id: '2', text: 'and' }],
    ],
    [
      'may have parts of text',
      [
        user([
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ]),
      ],
      [{ text: 'ab' }],
    ],
  ])('%s', (_, messages, expected) => {
    expect(newUserMessages({ threadId: 't', messages })).toEqual(expected);
  });

  it.each([
    ['no body', undefined],
    ['a body that is a list', []],
    ['no messages', {}],
    ['messages that are none', { messages: 'hi' }],
    ['no message', { messages: [] }],
    ['a last message of another', { messages: [user('hi'), assistant] }],
    ['content that is no text', { messages: [user(7)] }],
    ['a part that is no text', { messages: [user([{ type: 'binary', data: 'x' }])] }],
    ['no parts', { messages: [user([])] }],
    ['a message that is none', { messages: [user('hi'), null] }],
  ])('are not in %s', (_, input) => {
    expect(newUserMessages(input)).toBeUndefined();
  });
});

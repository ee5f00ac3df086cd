import { expect, it } from '@jest/globals';
import { startingPrompt } from './starting-prompt.js';

it('has project, agent and task in this order, each under its heading', () => {
  expect(startingPrompt({ project: 'Be kind.', agent: 'Review.', task: 'Look at main.' })).toBe(
    '# Project\n\nBe kind.\n\n# Agent\n\nReview.\n\n# Task\n\nLook at main.\n',
  );
});

it('leaves out what is empty or blank', () => {
  expect(startingPrompt({ project: ' \n', agent: 'Review.', task: '' })).toBe('# Agent\n\nReview.\n');
  expect(startingPrompt({ project: 'Be kind.', task: 'Look.' })).toBe('# Project\n\nBe kind.\n\n# Task\n\nLook.\n');
});

it('is the task itself when there is nothing else', () => {
  expect(startingPrompt({ task: 'Look at main.' })).toBe('Look at main.');
  expect(startingPrompt({ project: '', agent: ' ', task: 'Look at main.' })).toBe('Look at main.');
});

it('is empty when there is nothing at all', () => {
  expect(startingPrompt({})).toBe('');
});

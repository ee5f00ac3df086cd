import type { Agent } from './agent.js';
import { piecesOf } from './lines.js';

/** What the echo agent says to an empty prompt. */
export const NO_PROMPT = 'There was no prompt.';

/** The agent of a runtime without a command: it answers with the prompt, so that a first try shows a whole run. */
export function echoAgent(prompt: string): Agent {
  async function* answer(): AsyncGenerator<string> {
    yield* piecesOf(prompt === '' ? NO_PROMPT : prompt);
  }
  return {
    outputs: [{ eventType: 'assistant', messages: answer() }],
    exit: Promise.resolve({ code: 0 }),
    // It has nothing that could outlive its answer.
    terminate: () => {},
    interrupt: () => {},
    takesInput: false,
    write: () => false,
    kill: () => {},
    closeOutputs: () => {},
    gone: () => Promise.resolve(),
  };
}

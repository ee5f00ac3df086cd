/** A helper process of the bench that answers one question after the other. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export class Child {
  #child;
  #live;

  /** @param {string} script beside this file @param {readonly (string | number)[]} parameters */
  constructor(script, parameters = [], node = []) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.#child = fork(path, parameters.map(String), { execArgv: node });
    const died = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`${script} ended with ${code ?? signal}`);
    });
    died.catch(() => {});
    this.#live = Promise.race([this.#message('live'), died]);
  }

  get pid() {
    return this.#child.pid;
  }

  /** Resolves when it says so. */
  live() {
    return this.#live;
  }

  async ask(ask, parameter) {
    const answered = this.#message('answer');
    this.#child.send({ ask, with: parameter });
    return answered;
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    this.#child.kill(signal);
  }

  /** As by Ctrl-C: it may save what it has. */
  async stop() {
    const gone = once(this.#child, 'exit');
    this.#child.send({ ask: 'stop' });
    await gone;
  }

  async kill() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  #message(kind) {
    return new Promise(resolve => {
      const listen = message => {
        if (!(kind in message)) return;
        this.#child.off('message', listen);
        resolve(message[kind]);
      };
      this.#child.on('message', listen);
    });
  }
}

/** Preloaded (`node --import`) by the child processes of the tests: lets Node run the TypeScript sources, whose imports end in `.js`. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    const fromSource = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
    return nextResolve(fromSource ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});

/** Completion scripts, made from the commands: they ask nothing of the program when they run. */
import type { Command, Option } from 'commander';
import type { SHELLS } from './commands.js';

/** What can follow the words of a command. */
interface Place {
  /** Words of the command, without the program's; an alias is a place of its own. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly Option[];
  /** Values of its first argument, where there are only some. */
  readonly choices: readonly string[];
}

export function completionScript(shell: (typeof SHELLS)[number], program: Command): string {
  const places = [...placesOf(program, [], [])];
  switch (shell) {
    case 'bash':
      return bash(places);
    case 'zsh':
      return zsh(places);
    case 'fish':
      return fish(places);
    default:
      return shell satisfies never;
  }
}

function* placesOf(command: Command, path: readonly string[], inherited: readonly Option[]): Generator<Place> {
  const options = [...command.options, ...inherited];
  yield {
    path: path.join(' '),
    commands: command.commands.flatMap(each => namesOf(each).map(name => ({ name, description: each.description() }))),
    options,
    choices: command.registeredArguments[0]?.argChoices ?? [],
  };
  for (const each of command.commands) for (const name of namesOf(each)) yield* placesOf(each, [...path, name], options);
}

const namesOf = (command: Command): string[] => [command.name(), ...command.aliases()];

const flagsOf = ({ long, short }: Option): string[] => [short, long].filter(flag => flag !== undefined && flag !== null);

const takesValue = ({ required, optional }: Option): boolean => required || optional;

/** A word in a shell, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const words = (place: Place): string =>
  [...place.commands.map(({ name }) => name), ...place.choices, ...place.options.flatMap(flagsOf)].join(' ');

function bash(places: readonly Place[]): string {
  const isCommand = places.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  const follow = places.map(place => `    ${quoted(place.path)}) words=${quoted(words(place))} ;;`);
  return `# bash completion of ambientctl
_ambientctl() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' next word words='' i
  case $previous in
${valueCases(places)
  .map(
    ({ flags, choices }) =>
      `    ${flags.join('|')}) COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$current")); return ;;`,
  )
  .join('\n')}
    ${fileFlags(places).join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    next=\${path:+$path }$word
    case $next in
      ${isCommand.join('|')}) path=$next ;;
    esac
  done
  case $path in
${follow.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _ambientctl ambientctl
`;
}

/** Options that have one of some values. */
function valueCases(places: readonly Place[]): { flags: string[]; choices: readonly string[] }[] {
  const cases = new Map<string, { flags: string[]; choices: readonly string[] }>();
  for (const option of places.flatMap(({ options }) => options)) {
    if (option.argChoices) cases.set(option.flags, { flags: flagsOf(option), choices: option.argChoices });
  }
  return [...cases.values()];
}

/** Options that name a file. */
const fileFlags = (places: readonly Place[]): string[] => [
  ...new Set(places.flatMap(({ options }) => options.filter(isFile).flatMap(flagsOf))),
];

const isFile = ({ flags }: Option): boolean => flags.includes('<path>');

function zsh(places: readonly Place[]): string {
  const isCommand = places.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  const follow = places.map(
    ({ path, commands, options, choices }) => `    ${quoted(path)})
      commands=(${commands.map(({ name, description }) => quoted(`${name}:${description}`)).join(' ')})
      options=(${options.flatMap(option => flagsOf(option).map(flag => quoted(`${flag}:${option.description}`))).join(' ')})
      values=(${choices.map(quoted).join(' ')}) ;;`,
  );
  return `#compdef ambientctl
_ambientctl() {
  local path='' next word
  local -a commands options values
  case $words[CURRENT-1] in
${valueCases(places)
  .map(({ flags, choices }) => `    ${flags.join('|')}) compadd -- ${choices.map(quoted).join(' ')}; return ;;`)
  .join('\n')}
    ${fileFlags(places).join('|')}) _files; return ;;
  esac
  for word in \${words[2,CURRENT-1]}; do
    next=\${path:+$path }$word
    case $next in
      ${isCommand.join('|')}) path=$next ;;
    esac
  done
  case $path in
${follow.join('\n')}
  esac
  (( $#commands )) && _describe command commands
  (( $#values )) && compadd -- $values
  [[ $PREFIX == -* ]] && _describe option options
}
compdef _ambientctl ambientctl
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, commands, options, choices }) => {
    const at = `-n ${quoted(`__ambientctl_at ${quoted(path)}`)}`;
    return [
      ...commands.map(({ name, description }) => `complete -c ambientctl ${at} -f -a ${quoted(name)} -d ${quoted(description)}`),
      ...choices.map(choice => `complete -c ambientctl ${at} -f -a ${quoted(choice)}`),
      ...options.map(option => `complete -c ambientctl ${at} ${fishOption(option)}`),
    ];
  });
  const isCommand = places.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  return `# fish completion of ambientctl
function __ambientctl_at
  set -l path ''
  for word in (commandline -opc)[2..]
    set -l next (string trim "$path $word")
    if contains -- "$next" ${isCommand.join(' ')}
      set path $next
    end
  end
  test "$path" = "$argv[1]"
end
${lines.join('\n')}
`;
}

function fishOption(option: Option): string {
  const { long, short, description, argChoices } = option;
  return [
    ...(short ? [`-s ${short.slice(1)}`] : []),
    ...(long ? [`-l ${long.slice(2)}`] : []),
    ...(takesValue(option) ? ['-r'] : []),
    ...(takesValue(option) && !isFile(option) ? ['-f'] : []),
    ...(argChoices ? [`-a ${quoted(argChoices.join(' '))}`] : []),
    `-d ${quoted(description)}`,
  ].join(' ');
}

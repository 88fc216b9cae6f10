import type { Command } from 'commander';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { UsageError } from './exit-codes.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export function addCompletionCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'completion <shell>',
    summary: `print a completion script for ${SHELLS.join(', ')}`,
    examples: [
      'source <(kuva completion bash)',
      'kuva completion zsh > "${fpath[1]}/_kuva"',
      'kuva completion fish > ~/.config/fish/completions/kuva.fish',
    ],
  }).action((shell: string, _options: unknown, command: Command) => {
    const { out } = contextOf(environment, command);
    const paths = wordsByPath(program);
    switch (shell) {
      case 'bash':
        return out.raw(bash(paths));
      case 'zsh':
        return out.raw(`#compdef kuva\nautoload -U +X bashcompinit && bashcompinit\n${bash(paths)}`);
      case 'fish':
        return out.raw(fish(program));
      default:
        throw new UsageError(`completion for ${shell} is not known; there are ${SHELLS.join(', ')}`);
    }
  });
}

/** For each command path, such as `ae add`, the subcommands and options that may follow. */
function wordsByPath(program: Command): Map<string, string[]> {
  const words = new Map<string, string[]>();
  const visit = (command: Command, path: string): void => {
    const options = command.options.map((option) => option.long).filter((long) => long !== undefined && long !== null);
    words.set(path, [...command.commands.map((child) => child.name()), ...options, '--help']);
    for (const child of command.commands) {
      visit(child, path === '' ? child.name() : `${path} ${child.name()}`);
    }
  };
  visit(program, '');
  return words;
}

function bash(paths: ReadonlyMap<string, readonly string[]>): string {
  const cases = [...paths].map(([path, words]) => `    '${path}') words='${words.join(' ')}' ;;`).join('\n');
  const known = [...paths.keys()]
    .filter((path) => path !== '')
    .map((path) => `'${path}'`)
    .join('|');
  return `_kuva() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path='' next word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in ${known}) path="$next" ;; esac
  done
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _kuva kuva`;
}

function fish(program: Command): string {
  const lines: string[] = [];
  const visit = (command: Command, path: readonly string[]): void => {
    const within = path.length === 0 ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.at(-1)}`;
    for (const child of command.commands) {
      lines.push(
        `complete -c kuva -n '${within}' -f -a ${child.name()} -d '${child.description().replaceAll("'", "\\'")}'`,
      );
      visit(child, [...path, child.name()]);
    }
    for (const option of command.options) {
      if (option.long !== undefined && option.long !== null) {
        lines.push(
          `complete -c kuva -n '${within}' -l ${option.long.slice(2)} -d '${option.description.replaceAll("'", "\\'")}'`,
        );
      }
    }
  };
  visit(program, []);
  return lines.join('\n');
}

import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { checkTlsFiles } from '../config/tls-files.ts';
import { ConfigError } from '../config/config-error.ts';
import type { LoadedConfig } from '../config/load.ts';
import { loadProfile } from '../profile/load-profile.ts';
import type { Profile } from '../profile/profile.ts';
import { hashPasscode } from '../policy/user-identity.ts';
import { addCommand, addGroup, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { UsageError } from './exit-codes.ts';
import { redactedConfig } from './redacted-config.ts';
import type { Output } from './output.ts';

export function addConfigCommands(program: Command, environment: CliEnvironment): void {
  const config = addGroup(program, 'config', 'check the configuration', ['kuva config check']);

  addCommand(config, {
    usage: 'check',
    summary: 'read the configuration and tell every problem with its remedy; --json prints the whole result',
    examples: ['kuva config check --config /etc/kuva/kuva.yaml', 'KUVA_DICOM__PORT=104 kuva config check --json'],
  }).action((_options: unknown, command: Command) => {
    const { out, load } = bound(environment, command);
    const {
      config: checked,
      file,
      profile,
    } = reportingProblems(out, () => {
      const loaded = load();
      checkTlsFiles(loaded.config);
      return { ...loaded, profile: loadProfile(loaded.config.profile) };
    });
    const { dicom, node, storage, http } = checked;
    out.record(
      { valid: true, file, config: redactedConfig(checked), profile: heading(profile), problems: [] },
      {
        configuration: file ?? 'none, embedded defaults',
        'AE title': node.aeTitle,
        DICOM: `${dicom.host}:${dicom.port}${dicom.tls === null ? '' : ' with TLS'}`,
        HTTP: http.enabled ? `${http.host}:${http.port}` : 'off',
        storage: storage.root,
        'archive profile': `${profile.name}, ${profile.title}, from ${profile.effectiveFrom}`,
        'profile file': checked.profile,
      },
    );
    if (profile.simulation) out.say(profile.notice);
    out.say('the configuration is valid');
  });

  addCommand(config, {
    usage: 'hash-passcode',
    summary: 'read a passcode from standard input and print its hash for access.userIdentity.users',
    examples: ['printf %s "$PASSCODE" | kuva config hash-passcode'],
  }).action(async (_options: unknown, command: Command) => {
    const { out } = contextOf(environment, command);
    if (environment.stdin.isTTY === true) {
      throw new UsageError(
        'write the passcode to standard input, so that it is neither shown nor kept by the shell: printf %s "$PASSCODE" | kuva config hash-passcode',
      );
    }
    const passcode = (await text(environment.stdin)).replace(/\r?\n$/, '');
    if (passcode === '') {
      throw new UsageError('the passcode is empty');
    }
    const passcodeHash = await hashPasscode(passcode);
    if (out.json) {
      out.record({ passcodeHash }, {});
    } else {
      out.raw(passcodeHash);
    }
  });
}

function bound(environment: CliEnvironment, command: Command) {
  const context = contextOf(environment, command);
  return { out: context.out, load: () => context.load([]) };
}

/** With --json a configuration that is wrong has a result as well, for whoever reads standard output alone. */
function reportingProblems<T extends LoadedConfig>(out: Output, load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (out.json && error instanceof ConfigError) {
      out.record({ valid: false, config: null, problems: error.problems }, {});
    }
    throw error;
  }
}

function heading({ name, title, simulation, effectiveFrom }: Profile): object {
  return { name, title, simulation, effectiveFrom };
}

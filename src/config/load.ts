import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { deepFreeze } from '../core/deep-freeze.ts';
import { errorCode } from '../core/errors.ts';
import { ConfigError } from './config-error.ts';
import { REPOSITORY_KEYS } from './audit-fields.ts';
import { DESTINATION_KEYS } from './egress-fields.ts';
import { describeIssues } from './problems.ts';
import { configSchema } from './schema.ts';
import type { Config } from './schema.ts';
import { settingsFromEnvironment, settingsFromYaml } from './sources.ts';
import type { Setting } from './sources.ts';

export interface ConfigSources {
  /** Folder that holds `config/` and `storage/`; relative paths in the file and in the defaults start here. */
  readonly home: string;
  /** Relative paths in flags and environment variables start here. */
  readonly cwd: string;
  /** File named on the command line; it must exist. Otherwise `KUVA_CONFIG`, otherwise `config/kuva.yaml` when it exists. */
  readonly file: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: readonly Setting[];
}

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read; null when there is none. */
  readonly file: string | null;
}

const PATHS = [
  'dicom.tls.cert',
  'dicom.tls.key',
  'dicom.tls.ca',
  'storage.root',
  'logging.file',
  'profile',
  'documents.dropFolder',
  'accessLog.signingKey',
  'audit.repository.tls.ca',
  'audit.repository.tls.cert',
  'audit.repository.tls.key',
];

/** Reads the configuration: flag over environment over file over default. @throws ConfigError with one line a problem */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const file = readFile(sources);
  const settings = [
    ...(file === null ? [] : settingsFromYaml(file.text, file.shown).map((setting) => absolute(setting, sources.home))),
    ...[...settingsFromEnvironment(sources.env), ...sources.flags].map((setting) => absolute(setting, sources.cwd)),
  ];
  const tree: Record<string, unknown> = {};
  for (const setting of settings) {
    put(tree, setting);
  }
  const parsed = configSchema.safeParse(tree);
  if (!parsed.success) {
    throw new ConfigError(describeIssues(parsed.error.issues, settings, knownKeys()), parsed.error);
  }
  const root = resolve(sources.home, parsed.data.storage.root);
  return {
    config: deepFreeze({ ...parsed.data, storage: { ...parsed.data.storage, root } }),
    file: file?.path ?? null,
  };
}

/** Every key that can be written, as `section.key`. */
export function knownKeys(): string[] {
  return [
    ...leaves(configSchema.parse({}), ''),
    ...['cert', 'key', 'ca', 'requireClientCertificate'].map((key) => `dicom.tls.${key}`),
    ...DESTINATION_KEYS.map((key) => `egress.destination.${key}`),
    ...REPOSITORY_KEYS.map((key) => `audit.repository.${key}`),
  ];
}

function leaves(value: object, prefix: string): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? [`${prefix}${key}`, ...leaves(inner, `${prefix}${key}.`)]
      : [`${prefix}${key}`],
  );
}

function readFile(sources: ConfigSources): { path: string; shown: string; text: string } | null {
  const named = sources.file ?? sources.env['KUVA_CONFIG'];
  const path =
    named === undefined || named === '' ? join(sources.home, 'config', 'kuva.yaml') : resolve(sources.cwd, named);
  const shown = relative(sources.cwd, path).startsWith('..') ? path : relative(sources.cwd, path);
  try {
    return { path, shown, text: readFileSync(path, 'utf8') };
  } catch (error) {
    if (errorCode(error) === 'ENOENT' && !named) {
      return null;
    }
    throw new ConfigError(
      [`${shown}: cannot be read (${errorCode(error)}); check the path given with --config or KUVA_CONFIG`],
      error,
    );
  }
}

function absolute(setting: Setting, base: string): Setting {
  return PATHS.includes(setting.path.join('.')) && typeof setting.value === 'string' && setting.value !== ''
    ? { ...setting, value: resolve(base, setting.value) }
    : setting;
}

function put(tree: Record<string, unknown>, { path, value }: Setting): void {
  let level = tree;
  for (const part of path.slice(0, -1)) {
    const inner = Object.hasOwn(level, part) ? level[part] : undefined;
    level =
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? (inner as Record<string, unknown>)
        : define(level, part, {});
  }
  define(level, path.at(-1) ?? '', value);
}

// Plain assignment of `__proto__` from a file would change the prototype instead of naming an unknown key.
function define<T>(level: Record<string, unknown>, key: string, value: T): T {
  Object.defineProperty(level, key, { value, enumerable: true, configurable: true, writable: true });
  return value;
}

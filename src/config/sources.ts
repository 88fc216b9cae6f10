import { LineCounter, isMap, isScalar, parse, parseDocument } from 'yaml';
import type { Node as YamlNode } from 'yaml';
import { ConfigError } from './config-error.ts';

/** One key set by one source. */
export interface Setting {
  /** Path of the key, such as `['dicom', 'port']`. */
  readonly path: readonly string[];
  readonly value: unknown;
  /** What the administrator wrote and where: `config/kuva.yaml:12`, `environment variable KUVA_DICOM__PORT`, `--port`. */
  readonly origin: string;
}

// Variables of the launcher and of the tests that are no configuration keys.
const NOT_KEYS = /^KUVA_(CONFIG|HOME|TEST_.*)$/;

/** Settings from a YAML file. @throws ConfigError when it is not YAML or not a mapping */
export function settingsFromYaml(text: string, name: string): Setting[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const error = document.errors[0];
  if (error !== undefined) {
    throw new ConfigError(
      [`${name}:${lines.linePos(error.pos[0]).line}: not valid YAML: ${error.message.split('\n')[0]}`],
      error,
    );
  }
  if (document.contents === null) {
    return [];
  }
  if (!isMap(document.contents)) {
    throw new ConfigError([
      `${name}:1: the file must be a mapping of sections, such as "dicom:" with "port: 11112" below it`,
    ]);
  }
  const settings: Setting[] = [];
  collect(document.contents, [], settings, (node) => `${name}:${lines.linePos(node.range?.[0] ?? 0).line}`);
  return settings;
}

function collect(node: YamlNode, path: readonly string[], into: Setting[], where: (node: YamlNode) => string): void {
  if (!isMap(node)) {
    into.push({ path, value: (node as { toJSON(): unknown }).toJSON(), origin: where(node) });
    return;
  }
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : String(key);
    const at = isScalar(key) ? key : node;
    // A section header with nothing below it (everything commented out) leaves all defaults in place.
    if (value === null || (isScalar(value) && value.value === null && path.length === 0)) {
      into.push({ path: [...path, name], value: undefined, origin: where(at) });
    } else if (isMap(value) && value.items.length > 0) {
      collect(value, [...path, name], into, where);
    } else {
      into.push({ path: [...path, name], value: (value as { toJSON(): unknown }).toJSON(), origin: where(at) });
    }
  }
}

/** Settings from `KUVA_…` environment variables; empty ones are ignored. */
export function settingsFromEnvironment(env: Readonly<Record<string, string | undefined>>): Setting[] {
  return Object.entries(env).flatMap(([name, value]) =>
    !name.startsWith('KUVA_') || NOT_KEYS.test(name) || value === undefined || value === ''
      ? []
      : [
          {
            path: keyOfVariable(name),
            value: fromText(value, `environment variable ${name}`),
            origin: `environment variable ${name}`,
          },
        ],
  );
}

/** Settings from `--set section.key=value` flags. @throws ConfigError when there is no `=` */
export function settingFromFlag(text: string): Setting {
  const split = text.indexOf('=');
  if (split < 1) {
    throw new ConfigError([`--set ${text}: write --set section.key=value, such as --set dicom.port=11112`]);
  }
  const origin = `--set ${text.slice(0, split)}`;
  return {
    path: text.slice(0, split).trim().split('.'),
    value: fromText(text.slice(split + 1), origin),
    origin,
  };
}

/** `KUVA_DICOM__MAX_PDU_LENGTH` names `dicom.maxPduLength`. */
function keyOfVariable(name: string): string[] {
  return name
    .slice('KUVA_'.length)
    .split('__')
    .map((level) => level.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
}

/** Text as in the file for `null` and for lists, `[A, B]`; other text is left to the key's own reading. */
function fromText(value: string, origin: string): unknown {
  if (!/^\s*\[.*\]\s*$/s.test(value)) return value === 'null' ? null : value;
  try {
    // Only text and lists of it: a UID such as 1.20 must not become a number.
    return parse(value, { schema: 'failsafe' }) as unknown;
  } catch (error) {
    throw new ConfigError([`${origin}: not a list: write it as [A, B]`], error);
  }
}

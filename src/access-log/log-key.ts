import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import { errorCode } from '../core/errors.ts';

/** The Ed25519 key that signs the heads of the logs; made when there is none. @throws ConfigError when it cannot be used */
export function openLogKey(path: string): KeyObject {
  try {
    return readKey(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw unusable(path, error);
  }
  try {
    makeKey(path);
    return readKey(path);
  } catch (error) {
    throw unusable(path, error);
  }
}

/** The public half, from a public or a private key in PEM. @throws ConfigError */
export function readPublicKey(path: string): KeyObject {
  try {
    return createPublicKey(readFileSync(path, 'utf8'));
  } catch (error) {
    throw unusable(path, error);
  }
}

function readKey(path: string): KeyObject {
  const key = createPrivateKey(readFileSync(path, 'utf8'));
  if (key.asymmetricKeyType !== 'ed25519')
    throw new TypeError(`it is a key of type ${String(key.asymmetricKeyType)}, not ed25519`);
  return key;
}

/** Durable and whole or not there; two processes that both find none end with one key. */
function makeKey(path: string): void {
  const { privateKey } = generateKeyPairSync('ed25519');
  const aside = `${path}.${process.pid}`;
  const fd = openSync(aside, 'wx', 0o600);
  try {
    writeSync(fd, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  try {
    linkSync(aside, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    unlinkSync(aside);
  }
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function unusable(path: string, error: unknown): ConfigError {
  const why = errorCode(error) === 'UNKNOWN' && error instanceof Error ? error.message : errorCode(error);
  return new ConfigError(
    [`the log's signing key ${path} cannot be used (${why}): give an Ed25519 key in PEM as accessLog.signingKey`],
    error,
  );
}

import { StoreError } from './store-errors.ts';

const SHA256 = /^[0-9a-f]{64}$/;
const OBJECT_NAME = /^([0-9a-f]{64})\.([a-z]+)$/;

/** What a tree holds: `objects/` DICOM files, `documents/` care documents. */
export type FileEnding = 'dcm' | 'xml';

/** Directory and path of an object below the storage root: `objects/ab/cd/<sha256>.dcm`. */
export interface ObjectPath {
  readonly sha256: string;
  readonly top: string;
  readonly directory: string;
  readonly file: string;
}

/**
 * Where an object lives. The name is our own hash in lower-case hex, so that nothing a peer sent can reach a path.
 * @throws StoreError OBJECT_NAME_INVALID
 */
export function objectPath(objects: string, sha256: string, ending: FileEnding = 'dcm'): ObjectPath {
  if (!SHA256.test(sha256))
    throw new StoreError('OBJECT_NAME_INVALID', 'An object is named by 64 lower-case hex digits of its SHA-256');
  const top = `${objects}/${sha256.slice(0, 2)}`;
  const directory = `${top}/${sha256.slice(2, 4)}`;
  return { sha256, top, directory, file: `${directory}/${sha256}.${ending}` };
}

/** The SHA-256 in the name of an object's file; undefined for any other name. */
export function sha256OfName(name: string, ending: FileEnding = 'dcm'): string | undefined {
  const match = OBJECT_NAME.exec(name);
  return match?.[2] === ending ? match[1] : undefined;
}

/** `00` to `ff`, the names of both levels of directories. */
export const FAN_OUT: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

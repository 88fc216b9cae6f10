import type { DigestCheck, KeptInstance } from './digest-check.ts';
import type { ObjectSource } from './object-source.ts';
import { openDataSet } from './stored-data-set.ts';
import type { StoredDataSet } from './stored-data-set.ts';

export interface ObjectReading {
  readonly objects: ObjectSource;
  readonly digests: DigestCheck;
}

/** A kept object opened ahead of its turn; never rejects. Whoever does not send it closes it. */
export type OpenedObject = Promise<StoredDataSet | { readonly error: unknown }>;

export function openObject(instance: KeptInstance, { objects, digests }: ObjectReading): OpenedObject {
  return openDataSet(objects, instance, digests).catch((error: unknown) => ({ error }));
}

/** Lets go what was opened and will not be sent. */
export async function closeObject(opened: OpenedObject): Promise<void> {
  const stored = await opened;
  if (!('error' in stored)) stored.close();
}

import { errorCode, KuvaError } from '../../core/errors.ts';
import { DEFAULT_HEADER_BYTES, HeaderReader } from '../../dicom/header-reader.ts';
import type { InstanceHeader } from '../../dicom/header-reader.ts';
import type { KeptInstance } from '../../retrieve/digest-check.ts';
import { openDataSet } from '../../retrieve/stored-data-set.ts';
import { toldDataSet } from '../../retrieve/told-data-set.ts';
import type { ObjectReading } from '../../retrieve/opened-object.ts';

/** No object of the study is here any more from which patient and study could be copied. */
class NoObjectLeftError extends KuvaError {
  override readonly name = 'NoObjectLeftError';
}

/** The header, as it is told, of the first of these instances whose file is here: it tells whose study it is. */
export async function studyHeader(
  candidates: readonly KeptInstance[],
  reading: ObjectReading,
): Promise<InstanceHeader> {
  for (const instance of candidates) {
    try {
      return await headerOf(instance, reading);
    } catch (error) {
      const code = errorCode(error);
      if (code !== 'OBJECT_MISSING' && code !== 'OBJECT_CORRUPT') throw error;
    }
  }
  throw new NoObjectLeftError('NO_OBJECT_LEFT', 'none of the objects of the study is here any more');
}

async function headerOf(instance: KeptInstance, { objects, digests }: ObjectReading): Promise<InstanceHeader> {
  const { content, close } = await openDataSet(objects, instance, digests);
  try {
    const reader = new HeaderReader({ transferSyntaxUid: instance.transferSyntaxUid, maxBytes: DEFAULT_HEADER_BYTES });
    for await (const block of toldDataSet(content, instance)) if (reader.push(block)) break;
    return reader.finish();
  } finally {
    close();
  }
}

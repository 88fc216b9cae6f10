import { existsSync } from 'node:fs';
import { documentAudit } from '../../audit/document-audit.ts';
import type { Config } from '../../config/schema.ts';
import { storagePaths } from '../../config/storage-paths.ts';
import { DocumentRegister } from '../../documents/document-register.ts';
import { reconcileRules } from '../../documents/reconcile-rules.ts';
import type { ReconcileRules } from '../../index/documents/document-types.ts';
import { IndexService } from '../../index/index-service.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import { DocumentStore } from '../../store/document-store.ts';
import { CommandFailedError } from '../exit-codes.ts';

/** The register of care documents, beside a running node or without one. */
export interface OpenRegister extends AsyncDisposable {
  readonly index: IndexService;
  readonly files: DocumentStore;
  readonly register: DocumentRegister;
  readonly rules: ReconcileRules;
}

/** Makes storage and database when there is none. @throws CommandFailedError while a reindex is unfinished */
export async function openRegister(config: Config): Promise<OpenRegister> {
  const paths = storagePaths(config);
  if (existsSync(paths.reindexMark))
    throw new CommandFailedError(`a reindex of ${paths.root} was not finished: run kuva reindex first`);
  const profile = loadProfile(config.profile);
  const index = await IndexService.open({ path: paths.database, readers: 1 });
  try {
    const files = await DocumentStore.open(paths.documents);
    const register = new DocumentRegister({
      index,
      files,
      profile,
      fetchPriors: config.priors.onRequest,
      audited: documentAudit(config),
      clock: Date.now,
    });
    return { index, files, register, rules: reconcileRules(profile), [Symbol.asyncDispose]: () => index.close() };
  } catch (error) {
    await index.close();
    throw error;
  }
}

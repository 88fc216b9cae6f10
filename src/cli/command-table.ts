import type { Command } from 'commander';
import type { CliEnvironment } from '../commands/command-context.ts';

type AddCommand = (program: Command, environment: CliEnvironment) => void;

/**
 * Every command by its name, in the order of the help. What a command is made of is loaded when it is wanted: reading all of it takes
 * longer than most commands do.
 */
export const COMMANDS: readonly { readonly name: string; readonly load: () => Promise<AddCommand> }[] = [
  { name: 'start', load: async () => (await import('../commands/start.ts')).addStartCommand },
  { name: 'demo', load: async () => (await import('../commands/demo/demo.ts')).addDemoCommand },
  { name: 'egress', load: async () => (await import('../commands/egress.ts')).addEgressCommand },
  { name: 'queue', load: async () => (await import('../commands/queue.ts')).addQueueCommands },
  { name: 'held', load: async () => (await import('../commands/queue/queue-shape.ts')).addHeldCommand },
  { name: 'status', load: async () => (await import('../commands/status.ts')).addStatusCommand },
  { name: 'config', load: async () => (await import('../commands/config.ts')).addConfigCommands },
  { name: 'ae', load: async () => (await import('../commands/ae.ts')).addAeCommands },
  { name: 'org', load: async () => (await import('../commands/registers/org.ts')).addOrgCommands },
  { name: 'cert', load: async () => (await import('../commands/registers/cert.ts')).addCertCommands },
  { name: 'codes', load: async () => (await import('../commands/registers/codes.ts')).addCodesCommands },
  { name: 'consent', load: async () => (await import('../commands/consent.ts')).addConsentCommands },
  { name: 'denial', load: async () => (await import('../commands/denial.ts')).addDenialCommands },
  { name: 'informing', load: async () => (await import('../commands/informing.ts')).addInformingCommands },
  { name: 'authorisation', load: async () => (await import('../commands/authorisation.ts')).addAuthorisationCommands },
  { name: 'relation', load: async () => (await import('../commands/relation.ts')).addRelationCommands },
  { name: 'consents', load: async () => (await import('../commands/consents.ts')).addConsentsCommands },
  { name: 'studies', load: async () => (await import('../commands/studies.ts')).addStudiesCommands },
  { name: 'patient', load: async () => (await import('../commands/patient.ts')).addPatientCommand },
  { name: 'documents', load: async () => (await import('../commands/documents/documents.ts')).addDocumentsCommands },
  { name: 'reconcile', load: async () => (await import('../commands/documents/reconcile.ts')).addReconcileCommands },
  { name: 'priors', load: async () => (await import('../commands/priors/priors.ts')).addPriorsCommands },
  { name: 'ecg', load: async () => (await import('../commands/ecg/ecg.ts')).addEcgCommands },
  { name: 'check', load: async () => (await import('../commands/check.ts')).addCheckCommand },
  { name: 'conflicts', load: async () => (await import('../commands/conflicts.ts')).addConflictsCommand },
  { name: 'quarantine', load: async () => (await import('../commands/quarantine.ts')).addQuarantineCommands },
  { name: 'rejections', load: async () => (await import('../commands/rejections.ts')).addRejectionsCommands },
  { name: 'identity', load: async () => (await import('../commands/identity/identity.ts')).addIdentityCommands },
  { name: 'import', load: async () => (await import('../commands/import.ts')).addImportCommand },
  { name: 'export', load: async () => (await import('../commands/export.ts')).addExportCommand },
  { name: 'verify', load: async () => (await import('../commands/verify.ts')).addVerifyCommand },
  { name: 'backup', load: async () => (await import('../commands/backup.ts')).addBackupCommand },
  { name: 'evict', load: async () => (await import('../commands/evict.ts')).addEvictCommand },
  { name: 'recall', load: async () => (await import('../commands/recall.ts')).addRecallCommand },
  { name: 'reindex', load: async () => (await import('../commands/reindex.ts')).addReindexCommand },
  { name: 'peer', load: async () => (await import('../commands/peer.ts')).addPeerCommands },
  { name: 'proof', load: async () => (await import('../commands/proof.ts')).addProofCommands },
  { name: 'sim', load: async () => (await import('../commands/sim.ts')).addSimCommands },
  { name: 'citizen', load: async () => (await import('../commands/citizen/citizen.ts')).addCitizenCommands },
  { name: 'log', load: async () => (await import('../commands/log.ts')).addLogCommands },
  { name: 'stats', load: async () => (await import('../commands/stats.ts')).addStatsCommand },
  { name: 'dose', load: async () => (await import('../commands/dose/dose.ts')).addDoseCommand },
  { name: 'support', load: async () => (await import('../commands/support/support.ts')).addSupportCommands },
  { name: 'conformance', load: async () => (await import('../commands/conformance.ts')).addConformanceCommand },
  { name: 'completion', load: async () => (await import('../commands/completion.ts')).addCompletionCommand },
];

import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Levels read from the index and the file system at each scrape. */
export interface Levels {
  readonly patients: number;
  readonly studies: number;
  readonly series: number;
  readonly instances: number;
  readonly storedBytes: number;
  readonly freeBytes: number;
  readonly openAssociations: number;
  readonly pendingCommitments: number;
  readonly auditWaiting: number;
  readonly auditOldestSeconds: number;
  /** 1 when more waits than audit.warnMessages and audit.warnAge have it, else 0 */
  readonly auditOverdue: number;
  /** 1 when messages cannot be written down, else 0 */
  readonly auditBlocked: number;
  readonly unindexed: number;
}

// From a page cache hit to a disk that stalls.
const LATENCY = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * All metrics of the node, in one registry of their own. Labels take few values: never a UID, a patient or a calling AE
 * that nobody registered. Counts of the archive carry Orthanc's names with our prefix.
 */
export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const seconds = (name: string, help: string, labelNames: string[] = []) =>
    new Histogram({ name, help, labelNames, buckets: LATENCY, registers });
  const total = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers });

  const levels: Readonly<Record<keyof Levels, Gauge>> = {
    patients: gauge('kuva_count_patients', 'Patients in the index'),
    studies: gauge('kuva_count_studies', 'Studies in the index'),
    series: gauge('kuva_count_series', 'Series in the index'),
    instances: gauge('kuva_count_instances', 'Instances in the index'),
    storedBytes: gauge('kuva_disk_size_bytes', 'Bytes of the objects kept'),
    freeBytes: gauge('kuva_disk_free_bytes', 'Bytes free on the storage file system'),
    openAssociations: gauge('kuva_associations_open', 'Associations open now'),
    auditWaiting: gauge('kuva_audit_messages_waiting', 'Audit messages that the repository has not got yet'),
    auditOldestSeconds: gauge('kuva_audit_oldest_seconds', 'Age of the oldest of them'),
    auditOverdue: gauge(
      'kuva_audit_overdue',
      '1 when more of them wait than audit.warnMessages, or one longer than audit.warnAge',
    ),
    auditBlocked: gauge(
      'kuva_audit_blocked',
      '1 while audit messages cannot be written down: what would show data is refused',
    ),
    pendingCommitments: gauge('kuva_commitments_pending', 'Storage commitment reports not yet delivered'),
    unindexed: gauge('kuva_unindexed_objects', 'Objects kept that wait for the index to take their rows'),
  };
  const startedAt = performance.now();
  const upTime = gauge('kuva_up_time_seconds', 'Seconds since the node started');

  return {
    associations: total('kuva_associations_total', 'Associations that ended, by outcome', ['outcome']),
    rejections: total('kuva_association_rejections_total', 'Associations rejected, by cause', ['cause']),
    suspicious: total('kuva_suspicious_connections_total', 'Connections that did not speak DICOM, by what they spoke', [
      'kind',
    ]),
    operations: total('kuva_operations_total', 'DIMSE operations, by command and kind of final status', [
      'command',
      'status',
    ]),
    operationSeconds: seconds('kuva_operation_seconds', 'Time from a DIMSE request to its final response', ['command']),
    associationBytes: total('kuva_association_bytes_total', 'Bytes on associations', ['direction']),
    received: total('kuva_received_instances_total', 'Instances received, by result', ['result']),
    receivedBytes: total('kuva_received_bytes_total', 'Bytes of instances received and kept'),
    ackSeconds: seconds(
      'kuva_ack_seconds',
      'Time from the last fragment of an object to its positive C-STORE response',
    ),
    fsyncSeconds: seconds('kuva_fsync_seconds', 'Time of one fdatasync or fsync of the object store', ['target']),
    commitSeconds: seconds('kuva_index_commit_seconds', 'Time of one index transaction'),
    findSeconds: seconds('kuva_find_seconds', 'Time from a C-FIND request to its final response', ['level']),
    sent: total(
      'kuva_sent_instances_total',
      'Instances sent by C-MOVE and C-GET, by kind of the status that the peer answered',
      ['result'],
    ),
    corrupt: total('kuva_corrupt_objects_total', 'Kept files found damaged when they were to be sent'),
    reconcileItems: new Gauge({
      name: 'kuva_reconcile_items',
      help: 'Studies and documents that a person has to look at, by kind',
      labelNames: ['kind'],
      registers,
    }),
    certificateEnd: new Gauge({
      name: 'kuva_certificate_end_seconds',
      help: 'When a certificate of this node ends, in seconds since 1970',
      labelNames: ['file'],
      registers,
    }),
    reconcileOverdue: new Gauge({
      name: 'kuva_reconcile_overdue',
      help: 'Of these, beyond the deadline of the profile',
      labelNames: ['kind'],
      registers,
    }),
    documents: total('kuva_documents_total', 'Care documents that came in, by way and result', ['way', 'result']),
    registry,
    /** The exposition text, after taking the levels of now. */
    async scrape(read: () => Promise<Levels>): Promise<{ contentType: string; body: string }> {
      upTime.set((performance.now() - startedAt) / 1000);
      for (const [name, value] of Object.entries(await read()) as [keyof Levels, number][]) {
        levels[name].set(value);
      }
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { readWillRecord } from '../../src/disclosure/will-record.ts';
import { POLICY } from '../../src/disclosure/test-support/scenario.ts';
import { IndexService } from '../../src/index/index-service.ts';
import { packUid } from '../../src/index/packed-uid.ts';
import { writeInstances } from '../cli/kuva.ts';
import type { Instance } from '../cli/kuva.ts';
import { storescu } from '../support/dcmtk.ts';
import { NodeProcess } from '../support/node-process.ts';
import type { ConfigSections } from '../support/node-process.ts';
import { tempDir } from '../support/temp-dir.ts';

/** An organisation, its controller, and the port at which its AE of the same name listens. */
export interface Member {
  readonly aet: string;
  readonly controller: string;
  readonly kind: 'public' | 'private' | 'statement-only';
  readonly port: number;
}

/** A node in the national role with several organisations, whose registers a test changes while it runs. */
export class NationalNode implements AsyncDisposable {
  readonly node: NodeProcess;
  readonly index: IndexService;

  private constructor(node: NodeProcess, index: IndexService) {
    this.node = node;
    this.index = index;
  }

  static async start(members: readonly Member[], sections: ConfigSections = {}): Promise<NationalNode> {
    const node = await NodeProcess.start({
      sections: { ...sections, node: { role: 'national' }, access: { anyCallingAet: false } },
    });
    const index = await IndexService.open({ path: join(node.storageRoot, 'kuva.sqlite'), readers: 1 });
    for (const { aet, controller, kind, port } of members) {
      await index.write('organisationPut', {
        key: aet,
        name: aet,
        oid: controller.replace('.19.0', ''),
        kind,
        controllerOid: controller,
        registerCode: '2',
        registerSpecifier: '',
        egressAet: '',
        systemEntity: '',
        joinedOn: '',
        attributes: {},
      });
      await index.aePut({
        aet,
        host: '127.0.0.1',
        port,
        tls: false,
        organisation: aet,
        addresses: [],
        calledAETs: [],
        services: ['echo', 'store', 'find', 'move', 'get', 'commit'],
        maxSubAssociations: 1,
        qualityControl: false,
        description: '',
        certificates: [],
      });
    }
    return new NationalNode(node, index);
  }

  /** Stores small images from an AE. */
  async store(aet: string, instances: readonly Instance[]): Promise<void> {
    await using dir = await tempDir('kuva-images-');
    writeInstances(dir.path, instances);
    const result = await storescu(
      this.node.peer(aet),
      instances.map((_, at) => dir.file(`${at}.dcm`)),
    );
    if (result.code !== 0) throw new Error(result.output);
  }

  /** Records of will and care, as `kuva consents import` takes them; gives their numbers. */
  async record(...records: readonly object[]): Promise<number[]> {
    const recording = { recordedAt: Date.now(), recordedBy: 'test' };
    const outcomes = await this.index.write(
      'willPut',
      records.map((record) => readWillRecord(record, POLICY, recording)),
    );
    return outcomes.map(({ id }) => id);
  }

  /** What the document feed says of a study. */
  link(studyUid: string, controller: string, serviceEvent: string): void {
    const db = new Sqlite(join(this.node.storageRoot, 'kuva.sqlite'));
    db.prepare("INSERT OR REPLACE INTO study_link VALUES (?, '', ?, ?, '2', '', 0)").run(
      packUid(studyUid),
      serviceEvent,
      controller,
    );
    db.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.index.close();
    await this.node[Symbol.asyncDispose]();
  }
}

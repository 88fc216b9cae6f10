import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { RecoveryIndex } from '../../src/recovery/recovery-types.ts';
import type { AddResult, Suspect } from '../../src/index/index-types.ts';

/** A durable index of one text file, for crash tests of the store alone: each row is written and synced before it counts. */
export class LogIndex implements RecoveryIndex {
  readonly rows = new Map<number, Suspect>();
  readonly #fd: number;

  constructor(path: string) {
    const lines = existsSync(path) ? readFileSync(path, 'latin1').split('\n') : [];
    // The part after the last line end was torn by the crash.
    for (const [verb, id, sha256, size] of lines.slice(0, -1).map((line) => line.split(' '))) {
      if (verb === 'drop') this.rows.delete(Number(id));
      else this.rows.set(Number(id), { instanceId: Number(id), sha256: sha256!, size: Number(size) });
    }
    this.#fd = openSync(path, 'a');
  }

  async addInstance({ sha256, size }: { sha256: string; size: number }): Promise<AddResult> {
    const known = [...this.rows.values()].find((row) => row.sha256 === sha256);
    if (known !== undefined) return { kind: 'duplicate', instanceId: known.instanceId };
    const instanceId = 1 + Math.max(0, ...this.rows.keys());
    this.rows.set(instanceId, { instanceId, sha256, size });
    this.#append(`add ${instanceId} ${sha256} ${size}`);
    return { kind: 'new', instanceId };
  }

  async suspects(): Promise<Suspect[]> {
    return [...this.rows.values()];
  }

  async dropInstance(instanceId: number) {
    this.#append(`drop ${instanceId}`);
    return { dropped: this.rows.delete(instanceId), orphans: [] };
  }

  markDurable(): void {
    // Every row is a suspect after a crash.
  }

  async indexedObjects(names: readonly string[]): Promise<Set<string>> {
    const known = new Set([...this.rows.values()].map((row) => row.sha256));
    return new Set(names.filter((name) => known.has(name)));
  }

  async unservedConflicts(): Promise<[]> {
    return [];
  }

  close(): void {
    closeSync(this.#fd);
  }

  #append(line: string): void {
    writeSync(this.#fd, `${line}\n`);
    fsyncSync(this.#fd);
  }
}

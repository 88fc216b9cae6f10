import type { SqliteDatabase, SqliteStatement } from '../database.ts';
import type { CodeValue, IssuerValue } from '../instance-projection.ts';
import { BoundedMap } from './bounded-map.ts';

const CACHED = 4096;

/** One small table of distinct values: gives each its id, making the row on first sight. */
class LookupTable {
  readonly #find: SqliteStatement;
  readonly #insert: SqliteStatement;
  readonly #ids = new BoundedMap<string, number>(CACHED);

  constructor(db: SqliteDatabase, table: string, columns: readonly string[]) {
    this.#find = db.prepare(`SELECT id FROM ${table} WHERE ${columns.map((column) => `${column} = ?`).join(' AND ')}`);
    this.#insert = db.prepare(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    );
  }

  id(...values: readonly (string | number)[]): number {
    const key = values.join('\u0000');
    const cached = this.#ids.get(key);
    if (cached !== undefined) return cached;
    const row = this.#find.get(...values);
    const id = row === undefined ? Number(this.#insert.run(...values).lastInsertRowid) : Number(row['id']);
    this.#ids.set(key, id);
    return id;
  }

  forget(): void {
    this.#ids.clear();
  }
}

/** The tables that keep repeated values out of the big ones. */
export class LookupTables {
  readonly #sopClass: LookupTable;
  readonly #transferSyntax: LookupTable;
  readonly #sender: LookupTable;
  readonly #characterSet: LookupTable;
  readonly #code: LookupTable;
  readonly #issuer: LookupTable;
  readonly #equipment: LookupTable;
  readonly #bucket: LookupTable;

  constructor(db: SqliteDatabase) {
    this.#sopClass = new LookupTable(db, 'sop_class', ['uid']);
    this.#transferSyntax = new LookupTable(db, 'transfer_syntax', ['uid']);
    this.#characterSet = new LookupTable(db, 'character_set', ['term']);
    this.#sender = new LookupTable(db, 'sender', ['aet']);
    this.#code = new LookupTable(db, 'code', ['value', 'scheme', 'version', 'meaning']);
    this.#issuer = new LookupTable(db, 'issuer', ['universal_id', 'local_id', 'universal_type']);
    this.#equipment = new LookupTable(db, 'equipment', [
      'institution_name',
      'department_name',
      'station_name',
      'manufacturer',
      'model_name',
    ]);
    this.#bucket = new LookupTable(db, 'bucket', ['organisation', 'modality', 'month']);
  }

  sopClass(uid: string): number {
    return this.#sopClass.id(uid);
  }

  transferSyntax(uid: string): number {
    return this.#transferSyntax.id(uid);
  }

  sender(aet: string): number {
    return this.#sender.id(aet);
  }

  /** Null for the default repertoire. */
  characterSet(term: string): number | null {
    return term === '' ? null : this.#characterSet.id(term);
  }

  code(code: CodeValue): number {
    return this.#code.id(code.value, code.scheme, code.version, code.meaning);
  }

  issuer(issuer: IssuerValue | undefined): number | null {
    return issuer === undefined ? null : this.#issuer.id(issuer.universalId, issuer.localId, issuer.universalType);
  }

  /** Null when the object says nothing about its equipment. */
  equipment(values: readonly string[]): number | null {
    return values.every((value) => value === '') ? null : this.#equipment.id(...values);
  }

  /** `month` is YYYYMM. */
  bucket(organisation: string | null, modality: string, month: number): number {
    return this.#bucket.id(organisation ?? '', modality, month);
  }

  /** After a rollback, or after another process has written. */
  forget(): void {
    const tables = [
      this.#sopClass,
      this.#transferSyntax,
      this.#sender,
      this.#characterSet,
      this.#code,
      this.#issuer,
      this.#equipment,
      this.#bucket,
    ];
    for (const table of tables) table.forget();
  }
}

/** The month of receipt in which an object is counted, YYYYMM in UTC. */
export function monthOf(receivedAt: number): number {
  const date = new Date(receivedAt);
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1;
}

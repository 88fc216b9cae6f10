// The committed dump of the schema that the migrations make.
//   node scripts/dump-schema.mjs           writes src/index/schema.sql anew
//   node scripts/dump-schema.mjs --check   fails when it differs from what the migrations make
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { dumpSchema, migrate } from '../src/index/migrations.ts';

const path = join(import.meta.dirname, '../src/index/schema.sql');
const db = new Sqlite(':memory:');
migrate(db, ':memory:');
const schema = dumpSchema(db);
db.close();

if (!process.argv.includes('--check')) {
  writeFileSync(path, schema);
} else if (readFileSync(path, 'utf8') !== schema) {
  console.error('src/index/schema.sql is not what the migrations make; run: node scripts/dump-schema.mjs');
  process.exit(1);
}

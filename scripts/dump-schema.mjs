// Regenerates src/index/schema.sql from the migrations: node scripts/dump-schema.mjs
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { dumpSchema, migrate } from '../src/index/migrations.ts';

const db = new Sqlite(':memory:');
migrate(db, ':memory:');
writeFileSync(join(import.meta.dirname, '../src/index/schema.sql'), dumpSchema(db));
db.close();

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '../support/run-process.ts';
import { tempDir } from '../support/temp-dir.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
const SCHEMAS = ['audit-message.rng', 'audit-events.rng'];

/** What xmllint finds in the messages, by the schema (PS3.15 A.5.1) and by the tables of the events (A.5.3); '' when all are valid. */
export async function schemaProblems(messages: readonly string[]): Promise<string> {
  for (const message of messages) {
    if (!message.startsWith(DECLARATION)) return `no XML declaration: ${message.slice(0, 100)}`;
    if (message.includes('\n')) return `more than one line: ${message.slice(0, 100)}`;
  }
  await using dir = await tempDir();
  const file = dir.file('messages.xml');
  // One message a line: xmllint tells the line.
  const lines = messages.map((message) => message.slice(DECLARATION.length));
  writeFileSync(file, `${DECLARATION}\n<AuditMessages>\n${lines.join('\n')}\n</AuditMessages>\n`);
  for (const schema of SCHEMAS) {
    const { code, output } = await runProcess('xmllint', [
      '--noout',
      '--huge',
      '--relaxng',
      join(import.meta.dirname, schema),
      file,
    ]);
    if (code !== 0) return `${schema}: ${output.slice(0, 2000)}`;
  }
  return '';
}

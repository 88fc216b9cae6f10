import type { Command } from 'commander';
import { addGroup } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { addDocumentsImport } from './import.ts';
import { addDocumentsList } from './list.ts';
import { addDocumentsSample } from './sample.ts';
import { addDocumentsShow } from './show.ts';

export function addDocumentsCommands(program: Command, environment: CliEnvironment): void {
  const documents = addGroup(
    program,
    'documents',
    'care documents (HL7 CDA R2): request, examination entry and statement beside the images',
    ['kuva documents sample /tmp/cda && kuva documents import /tmp/cda', 'kuva documents list --patient 010181-900C'],
  );
  for (const add of [addDocumentsImport, addDocumentsList, addDocumentsShow, addDocumentsSample])
    add(documents, environment);
}

import type { Command } from 'commander';
import { TRANSFER_SYNTAXES } from '../dicom/transfer-syntaxes.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { conformanceStatement } from './conformance-statement.ts';
import type { ConformanceSopClass, ConformanceStatement } from './conformance-statement.ts';

export function addConformanceCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'conformance',
    summary: 'the DICOM conformance statement, made from the tables that decide at negotiation',
    examples: [
      'kuva conformance --markdown > CONFORMANCE.md',
      'kuva conformance --json | jq \'.sopClasses[] | select(.service == "find")\'',
    ],
  })
    .option('--markdown', 'the whole statement as Markdown')
    .action((options: { markdown?: boolean }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const statement = conformanceStatement(config, program.version() ?? '');
      if (out.json) {
        out.record(statement, {});
      } else if (options.markdown === true) {
        out.raw(markdown(statement));
      } else {
        out.list(
          statement.sopClasses,
          [
            { title: 'service', value: (entry) => entry.service },
            { title: 'SOP class', value: (entry) => entry.name },
            { title: 'UID', value: (entry) => entry.uid },
            { title: 'transfer syntaxes', value: (entry) => entry.transferSyntaxes.length, align: 'right' },
          ],
          '',
        );
        out.say('the whole statement: kuva conformance --markdown');
      }
    });
}

function markdown(statement: ConformanceStatement): string {
  const { association } = statement;
  const sets = [...Map.groupBy(statement.sopClasses, (entry) => entry.transferSyntaxes.join(' ')).values()];
  const setOf = (entry: ConformanceSopClass): string => `T${sets.findIndex((set) => set.includes(entry)) + 1}`;
  const lines = [
    `# DICOM conformance statement of ${statement.product} ${statement.version}`,
    '',
    'Made by `kuva conformance --markdown` from the tables that decide at negotiation, for the configuration it was run with.',
    '',
    table(
      ['item', 'value'],
      [
        ['AE title', statement.aeTitle],
        ['Implementation Class UID', statement.implementationClassUID],
        ['Implementation Version Name', statement.implementationVersionName],
        ['Application context', statement.applicationContext],
        ['Maximum PDU length', `${association.maxPduLength} bytes`],
        ['Associations at once', `${association.associations}, from one address ${association.perPeer}`],
        ['Asynchronous operations window', association.asynchronousOperationsWindow],
        ['User identity', association.userIdentity],
        [
          'TLS',
          `${association.tls.configured ? 'on' : 'off'}; ${association.tls.minimumVersion}: ${association.tls.ciphers.join(', ')}`,
        ],
        ['Storage classes that are not listed', statement.acceptsUnknownStorageClasses ? 'accepted' : 'refused'],
        ['Storage SCU', statement.scu.storage],
        ['Commitment reports', statement.scu.commitment],
        ['Character sets in matching', statement.characterSets.matching],
        ['Character sets in responses', statement.characterSets.responses],
      ],
    ),
    '',
    '## Audit trail (PS3.15 A.5, A.6)',
    '',
    table(
      ['item', 'value'],
      [
        ['Repository', statement.audit.configured ? 'configured' : 'none: no message is made'],
        ['Format', statement.audit.format],
        ['Transport', statement.audit.transport],
        ['STRUCTURED-DATA', statement.audit.structuredData],
        ['Buffering', statement.audit.buffering],
      ],
    ),
    '',
    table(
      ['event', 'name', 'when'],
      statement.audit.events.map(({ code, name, when }) => [code, name, when]),
    ),
    '',
    '## Timeouts',
    '',
    table(
      ['timer', 'ms'],
      Object.entries(association.timeoutsMs).map(([name, ms]) => [name, String(ms)]),
    ),
    '',
    '## Presentation contexts accepted',
    '',
    'For storage the first proposed syntax of the set is accepted, big endian only when no little endian is proposed beside it; for the other services the first of the set.',
    '',
    table(
      ['SOP class', 'UID', 'service', 'role', 'transfer syntaxes', 'extended negotiation'],
      statement.sopClasses.map((entry) => [
        entry.name,
        entry.uid,
        entry.service,
        entry.role,
        setOf(entry),
        entry.extendedNegotiation.length === 0 ? '-' : entry.extendedNegotiation.join(' '),
      ]),
    ),
    '',
    ...sets.flatMap((set, i) => [
      `### Transfer syntaxes T${i + 1}`,
      '',
      table(
        ['name', 'UID'],
        (set[0]?.transferSyntaxes ?? []).map((uid) => [TRANSFER_SYNTAXES.get(uid)?.name ?? uid, uid]),
      ),
      '',
    ]),
    '## Statuses',
    '',
    ...statement.statuses.flatMap(({ service, codes }) => [
      `### ${service}`,
      '',
      table(
        ['code', 'name', 'when'],
        codes.map(({ code, name, when }) => [code, name, when]),
      ),
      '',
    ]),
  ];
  return lines.join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

/** Who writes, as the header of every syslog message says. */
export interface SyslogOrigin {
  readonly hostname: string;
  readonly appName: string;
  readonly processId: string;
  readonly messageId: string;
}

/** `id` is never used twice by an origin; `at` in ms since 1970. */
export interface SyslogPayload {
  readonly id: number;
  readonly at: number;
  readonly failed: boolean;
  readonly text: string;
}

// RFC 5424 6.2.1: facility 10, security and authorization.
const FACILITY = 10;
// PS3.15 A.6: notice for what went well, warning for what did not.
const NOTICE = 5;
const WARNING = 4;
const BOM = '\ufeff';
// RFC 5424 7.3.1: after this one comes 1 again.
const LAST_SEQUENCE = 2_147_483_647;

/**
 * One message in the form of RFC 5424, framed by its length (RFC 5425 4.3). The sequenceId (RFC 5424 7.3.1) is that of the message in the
 * spool and outlives restarts: the same one again from the same HOSTNAME and APP-NAME is the same message sent twice.
 */
export function syslogFrame(origin: SyslogOrigin, { id, at, failed, text }: SyslogPayload): Buffer {
  const priority = FACILITY * 8 + (failed ? WARNING : NOTICE);
  const { hostname, appName, processId, messageId } = origin;
  const time = new Date(at).toISOString();
  const sequence = ((id - 1) % LAST_SEQUENCE) + 1;
  const header = `<${priority}>1 ${time} ${word(hostname, 255)} ${word(appName, 48)} ${word(processId, 128)} ${word(messageId, 32)} [meta sequenceId="${sequence}"]`;
  const body = Buffer.from(`${header} ${BOM}${text}`, 'utf8');
  return Buffer.concat([Buffer.from(`${body.length} `, 'ascii'), body]);
}

/** A header field: printable ASCII without spaces, `-` when empty. */
function word(text: string, max: number): string {
  const written = text.replace(/[^\x21-\x7e]/g, '_').slice(0, max);
  return written === '' ? '-' : written;
}

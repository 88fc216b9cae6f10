/** Who writes, as the header of every syslog message says. */
export interface SyslogOrigin {
  readonly hostname: string;
  readonly appName: string;
  readonly processId: string;
  readonly messageId: string;
}

// RFC 5424 6.2.1: facility 10, security and authorization.
const FACILITY = 10;
// PS3.15 A.6: notice for what went well, warning for what did not.
const NOTICE = 5;
const WARNING = 4;
const BOM = '\ufeff';

/** One message in the form of RFC 5424, framed by its length (RFC 5425 4.3). `at` in ms since 1970. */
export function syslogFrame(origin: SyslogOrigin, message: { at: number; failed: boolean; text: string }): Buffer {
  const priority = FACILITY * 8 + (message.failed ? WARNING : NOTICE);
  const { hostname, appName, processId, messageId } = origin;
  const time = new Date(message.at).toISOString();
  const header = `<${priority}>1 ${time} ${word(hostname, 255)} ${word(appName, 48)} ${word(processId, 128)} ${word(messageId, 32)} -`;
  const body = Buffer.from(`${header} ${BOM}${message.text}`, 'utf8');
  return Buffer.concat([Buffer.from(`${body.length} `, 'ascii'), body]);
}

/** A header field: printable ASCII without spaces, `-` when empty. */
function word(text: string, max: number): string {
  const written = text.replace(/[^\x21-\x7e]/g, '_').slice(0, max);
  return written === '' ? '-' : written;
}

/** One syslog message as it came out of its frame. */
export interface SyslogRecord {
  readonly priority: number;
  readonly timestamp: string;
  readonly hostname: string;
  readonly appName: string;
  readonly processId: string;
  readonly messageId: string;
  readonly sequenceId: number;
  /** Without the byte order mark. */
  readonly message: string;
  /** Octets of the message, as the frame said. */
  readonly length: number;
}

// RFC 5424 6: HEADER SP STRUCTURED-DATA SP MSG, no field empty; TIMESTAMP with a zone and at most six digits of a second; MSG-UTF8 with its mark.
const RECORD =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) \[meta sequenceId="([1-9]\d{0,9})"\] \ufeff(.*)$/su;
// What a line of a file or a terminal would act upon.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Reads a stream of octet-counted frames (RFC 5425 4.3.1). @throws Error that says what is wrong at which octet */
export function readFrames(stream: Buffer): SyslogRecord[] {
  const records: SyslogRecord[] = [];
  // A byte order mark is data here.
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let at = 0; at < stream.length;) {
    const space = stream.indexOf(0x20, at);
    const count = stream.toString('latin1', at, space);
    if (!/^[1-9]\d*$/.test(count)) throw new Error(`octet ${at}: ${JSON.stringify(count)} is no MSG-LEN`);
    const length = Number(count);
    const end = space + 1 + length;
    if (end > stream.length) throw new Error(`octet ${at}: the frame says ${length} octets, the stream has fewer`);
    records.push(readRecord(utf8.decode(stream.subarray(space + 1, end)), length));
    at = end;
  }
  return records;
}

/** What a frame held. @throws Error when it is no message of RFC 5424, or has control characters */
export function readRecord(text: string, length: number): SyslogRecord {
  const [, priority, timestamp, hostname, appName, processId, messageId, sequenceId, message] = RECORD.exec(text) ?? [];
  if (message === undefined) throw new Error(`no message of RFC 5424: ${text.slice(0, 200)}`);
  if (CONTROLS.test(message)) throw new Error(`a control character is in ${JSON.stringify(message.slice(0, 2000))}`);
  return {
    priority: Number(priority),
    timestamp: timestamp ?? '',
    hostname: hostname ?? '',
    appName: appName ?? '',
    processId: processId ?? '',
    messageId: messageId ?? '',
    sequenceId: Number(sequenceId),
    message,
    length,
  };
}

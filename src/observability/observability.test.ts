import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { KuvaError } from '../core/errors.ts';
import { createEvents } from './events.ts';
import { createLoggers } from './loggers.ts';
import type { LoggerOptions } from './loggers.ts';
import { createMetrics } from './metrics.ts';

class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function open(over: Partial<LoggerOptions> = {}) {
  const stream = new Sink();
  return {
    stream,
    loggers: createLoggers({
      level: 'info',
      format: 'json',
      patientData: false,
      file: null,
      color: false,
      stream,
      ...over,
    }),
  };
}

const assoc = {
  id: 7,
  parent: undefined,
  callingAET: 'CT1',
  calledAET: 'KUVA',
  peer: { address: '10.0.0.7', port: 5000, tls: undefined },
};

const STORE = {
  command: 'C-STORE',
  status: 0,
  bytes: 99,
  durationMs: 1,
  outgoing: false,
  reason: '',
  sopInstanceUID: '1.2',
  destination: undefined,
  subOperations: undefined,
  problems: [],
};

describe('loggers', () => {
  test('JSON lines carry time, level, logger, message and fields', async () => {
    const { stream, loggers } = open();
    loggers.dicom.info('hello', { assoc: 3 });
    loggers.dicom.debug('not shown');
    await loggers.close();
    const line = JSON.parse(stream.text) as Record<string, unknown>;
    expect(line).toMatchObject({ level: 'info', logger: 'dicom', message: 'hello', assoc: 3 });
    expect(Object.keys(line)[0]).toBe('time');
  });

  test.each(['json', 'text'] as const)(
    'control characters of a peer reach neither line nor terminal (%s)',
    async (format) => {
      const { stream, loggers } = open({ format });
      loggers.dicom.warn('from \u001b[31mred\nnewline', {
        aet: 'A\u001b[2J\r\nfake="x"',
        list: ['\u009b1m'],
        error: new Error('b\u0007'),
      });
      await loggers.close();
      expect(stream.text.match(/\n/g)).toHaveLength(1);
      expect(stream.text.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(stream.text).toContain('fake=');
    },
  );

  test('a value with spaces or quotes cannot pose as another field', async () => {
    const { stream, loggers } = open({ format: 'text' });
    loggers.dicom.info('m', { aet: 'X" status=0000 y="' });
    await loggers.close();
    expect(stream.text).toContain('aet="X\\" status=0000 y=\\""');
  });

  test.each([
    [false, false],
    [true, true],
  ])('fields below patient: patientData %s', async (patientData, shown) => {
    const { stream, loggers } = open({ patientData });
    loggers.ingest.info('stored', { patient: { id: '010101-123N' } });
    await loggers.close();
    expect(stream.text.includes('010101-123N')).toBe(shown);
  });

  test('causes are told, stacks are not', async () => {
    const { stream, loggers } = open({ format: 'text' });
    loggers.node.error('broke', { error: new Error('outer', { cause: new RangeError('inner') }) });
    await loggers.close();
    expect(stream.text).toContain('Error: outer <- RangeError: inner');
    expect(stream.text).not.toContain(import.meta.filename);
  });

  test('a log file gets the same lines', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kuva-log-'));
    const { loggers } = open({ file: join(folder, 'kuva.log') });
    loggers.node.info('to the file');
    await loggers.close();
    expect(readFileSync(join(folder, 'kuva.log'), 'utf8')).toContain('to the file');
    rmSync(folder, { recursive: true });
  });
});

describe('events', () => {
  test('one line and one count for each event', async () => {
    const { stream, loggers } = open({ format: 'text' });
    const metrics = createMetrics();
    const events = createEvents(loggers, metrics, () => 'Success');
    events.operation(assoc, { ...STORE, bytes: 10, durationMs: 2.25 });
    events.closed(assoc, {
      outcome: 'timed-out',
      cause: new Error('idle'),
      bytesIn: 10,
      bytesOut: 2,
      operations: 1,
      durationMs: 20,
    });
    events.rejected({ ...assoc, result: 1, source: 1, reason: 3, log: 'unknown calling AE "CT1"' });
    events.suspicious(assoc.peer, 'tls-client-hello');
    await loggers.close();
    const lines = stream.text.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(
      /info {2}dicom: C-STORE Success assoc=7 callingAET=CT1 peer=10\.0\.0\.7:5000 status=0000 sop=1\.2 bytes=10 ms=2\.3/,
    );
    expect(lines[1]).toMatch(/warn {2}dicom: association timed-out .*cause=idle/);
    expect(lines[2]).toContain('association rejected: unknown calling AE "CT1"');
    expect(lines[3]).toContain('turn TLS off at the peer');
    const text = await metrics.registry.metrics();
    expect(text).toContain('kuva_operations_total{command="C-STORE",status="success"} 1');
    expect(text).toContain('kuva_associations_total{outcome="timed-out"} 1');
    expect(text).toContain('kuva_association_rejections_total{cause="1/1/3"} 1');
  });

  test('a failed TLS handshake is a warning with its reason and remedy; clear DICOM on the TLS port is named', async () => {
    const { stream, loggers } = open({ format: 'text' });
    const events = createEvents(loggers, createMetrics(), String);
    const cause = new KuvaError('TLS_REFUSED', 'no certificate: give it one', { reason: 'ERR_SSL_X' });
    events.dropped(assoc.peer, 'closed', cause);
    events.suspicious(assoc.peer, 'clear');
    await loggers.close();
    const lines = stream.text.trimEnd().split('\n');
    expect(lines[0]).toMatch(/warn {2}dicom: TLS handshake failed: no certificate: give it one .*reason=ERR_SSL_X/);
    expect(lines[1]).toMatch(/DICOM \(A-ASSOCIATE-RQ\) without TLS.*turn TLS on at the peer/);
  });

  const INGESTED = {
    associationId: 7,
    callingAET: 'CT1',
    sopInstanceUid: '1.2',
    sopClassUid: '1.3',
    transferSyntaxUid: '1.2.840.10008.1.2',
    bytes: 99,
    ackMs: 1,
  };

  test('a refused C-STORE is one line with object and reason, and counts no bytes', async () => {
    const { stream, loggers } = open();
    const metrics = createMetrics();
    const events = createEvents(loggers, metrics, () => 'Cannot understand');
    const reason = { code: 'HEADER_UNREADABLE', text: 'no Study Instance UID' };
    events.ingested({ ...INGESTED, result: 'refused', reason });
    events.operation(assoc, { ...STORE, status: 0xc000, reason: 'no Study' });
    await loggers.close();
    expect(JSON.parse(stream.text)).toMatchObject({
      level: 'warn',
      message: 'C-STORE Cannot understand: no Study Instance UID',
      assoc: 7,
      sop: '1.2',
      result: 'refused',
      code: 'HEADER_UNREADABLE',
    });
    expect(await metrics.registry.metrics()).toContain('kuva_received_bytes_total 0');
  });

  test('a conflict is a warning, and the next object of the association is told of by itself', async () => {
    const { stream, loggers } = open();
    const events = createEvents(loggers, createMetrics(), () => 'Success');
    events.ingested({ ...INGESTED, result: 'conflict' });
    events.operation(assoc, STORE);
    events.operation(assoc, { ...STORE, sopInstanceUID: '1.3' });
    await loggers.close();
    const lines = stream.text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 'warn', sop: '1.2', result: 'conflict' },
      { level: 'info', sop: '1.3' },
    ]);
    expect(lines[1]).not.toContain('result');
  });

  test('an import has lines of its own', async () => {
    const { stream, loggers } = open();
    createEvents(loggers, createMetrics(), String).ingested({ ...INGESTED, associationId: null, result: 'duplicate' });
    await loggers.close();
    expect(JSON.parse(stream.text)).toMatchObject({ message: 'instance duplicate', sopInstanceUid: '1.2' });
  });

  test('a C-MOVE tells destination, counts and what went wrong first; its associations name the one it came on', async () => {
    const { stream, loggers } = open();
    const events = createEvents(loggers, createMetrics(), () => 'Sub-operations: failures');
    events.operation(assoc, {
      ...STORE,
      command: 'C-MOVE',
      status: 0xb000,
      sopInstanceUID: undefined,
      destination: 'SINK',
      subOperations: { remaining: 0, completed: 3, failed: 1, warning: 0 },
      problems: ['1.2.9: peer answered A700'],
    });
    events.operation({ ...assoc, id: 'out-1', parent: 7 }, { ...STORE, outgoing: true, status: 0xa700 });
    await loggers.close();
    expect(
      stream.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      {
        level: 'warn',
        destination: 'SINK',
        remaining: 0,
        completed: 3,
        failed: 1,
        warning: 0,
        problems: ['1.2.9: peer answered A700'],
      },
      { level: 'warn', assoc: 'out-1', for: 7, sop: '1.2' },
    ]);
  });
});

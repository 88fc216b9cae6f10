import { expect, test } from 'vitest';
import {
  AssociationAbortedError,
  AssociationProtocolError,
  AssociationRejectedError,
  AssociationTimeoutError,
  ConnectError,
  ConnectionClosedError,
} from '../../dimse/association-errors.ts';
import { peerTrouble } from './peer-trouble.ts';

const TO = { aeTitle: 'NATIONAL', host: 'archive.example', port: 2762 };
const coded = (code: string) => Object.assign(new Error('text'), { code });

test.for([
  [new AssociationRejectedError(2, 3, 1, 'temporary congestion'), 'REJECTED_TRANSIENT', false, false],
  [new AssociationRejectedError(1, 1, 3, 'calling AE title not recognized'), 'REJECTED_CALLING_AET', true, true],
  [new AssociationRejectedError(1, 1, 7, 'called AE title not recognized'), 'REJECTED_CALLED_AET', true, false],
  [new AssociationRejectedError(1, 1, 1, 'no reason given'), 'REJECTED_PERMANENT', true, false],
  [new AssociationAbortedError(true, 0, 0, 'by the user'), 'ABORTED', false, false],
  [new AssociationAbortedError(false, 0, 0, 'cancelled'), 'LOCAL_TROUBLE', false, false],
  [new AssociationTimeoutError('response', 1000), 'TIMED_OUT', false, false],
  [new ConnectionClosedError('closed'), 'CONNECTION_CLOSED', false, false],
  [new ConnectError('h', 1, coded('ECONNREFUSED')), 'CONNECT_FAILED', false, false],
  [new AssociationProtocolError('protocol-error', 2, 'unexpected PDU'), 'PROTOCOL_ERROR', false, false],
  [new AssociationProtocolError('too-long', 2, 'PDU too long'), 'PROTOCOL_ERROR', false, false],
  [new ConnectError('h', 1, coded('CERT_HAS_EXPIRED')), 'TLS_FAILED', true, false],
  [new ConnectError('h', 1, coded('SELF_SIGNED_CERT_IN_CHAIN')), 'TLS_FAILED', true, false],
  [new ConnectError('h', 1, coded('ERR_SSL_WRONG_VERSION_NUMBER')), 'TLS_FAILED', true, false],
  // TLS 1.3: the peer looks at our certificate when for us the handshake is over.
  [new ConnectionClosedError('c', coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')), 'TLS_FAILED', true, false],
  [coded('ENOSPC'), 'LOCAL_TROUBLE', false, false],
] as const)('%s', ([error, code, sure, onlyThisTitle]) => {
  const trouble = peerTrouble(error, 'DISTRICT', TO);
  expect(trouble).toMatchObject({ code, sure, onlyThisTitle });
  expect(trouble.cause).not.toBe('');
  if (sure) expect(trouble.remedy).not.toBe('');
});

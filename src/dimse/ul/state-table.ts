/**
 * PS3.8 9.2: the upper layer state machine, states of tables 9-1 to 9-5, events and actions of table 9-10.
 * A cell that is not here cannot happen by the standard.
 */
export const STATES = [
  'Sta1', // idle
  'Sta2', // transport connection open, awaiting A-ASSOCIATE-RQ
  'Sta3', // awaiting local A-ASSOCIATE response
  'Sta4', // awaiting transport connection opening
  'Sta5', // awaiting A-ASSOCIATE-AC or -RJ
  'Sta6', // established
  'Sta7', // awaiting A-RELEASE-RP
  'Sta8', // awaiting local A-RELEASE response
  'Sta9', // release collision, requestor: awaiting local A-RELEASE response
  'Sta10', // release collision, acceptor: awaiting A-RELEASE-RP
  'Sta11', // release collision, requestor: awaiting A-RELEASE-RP
  'Sta12', // release collision, acceptor: awaiting local A-RELEASE response
  'Sta13', // awaiting transport connection close
] as const;

export type State = (typeof STATES)[number];

export const EVENTS = [
  'Evt1', // A-ASSOCIATE request (local)
  'Evt2', // transport connect confirmation
  'Evt3', // A-ASSOCIATE-AC received
  'Evt4', // A-ASSOCIATE-RJ received
  'Evt5', // transport connection indication
  'Evt6', // A-ASSOCIATE-RQ received
  'Evt7', // A-ASSOCIATE response, accept (local)
  'Evt8', // A-ASSOCIATE response, reject (local)
  'Evt9', // P-DATA request (local)
  'Evt10', // P-DATA-TF received
  'Evt11', // A-RELEASE request (local)
  'Evt12', // A-RELEASE-RQ received
  'Evt13', // A-RELEASE-RP received
  'Evt14', // A-RELEASE response (local)
  'Evt15', // A-ABORT request (local)
  'Evt16', // A-ABORT received
  'Evt17', // transport connection closed
  'Evt18', // ARTIM timer expired
  'Evt19', // unrecognized or invalid PDU received
] as const;

export type Event = (typeof EVENTS)[number];

export type ActionName =
  | 'AE-1'
  | 'AE-2'
  | 'AE-3'
  | 'AE-4'
  | 'AE-5'
  | 'AE-6'
  | 'AE-7'
  | 'AE-8'
  | 'DT-1'
  | 'DT-2'
  | 'AR-1'
  | 'AR-2'
  | 'AR-3'
  | 'AR-4'
  | 'AR-5'
  | 'AR-6'
  | 'AR-7'
  | 'AR-8'
  | 'AR-9'
  | 'AR-10'
  | 'AA-1'
  | 'AA-2'
  | 'AA-3'
  | 'AA-4'
  | 'AA-5'
  | 'AA-6'
  | 'AA-7'
  | 'AA-8';

type Row = Readonly<Partial<Record<State, ActionName>>>;

/** An unexpected PDU is answered with A-ABORT by the provider in every state in which an association exists. */
const UNEXPECTED = {
  Sta2: 'AA-1',
  Sta3: 'AA-8',
  Sta5: 'AA-8',
  Sta6: 'AA-8',
  Sta7: 'AA-8',
  Sta8: 'AA-8',
  Sta9: 'AA-8',
  Sta10: 'AA-8',
  Sta11: 'AA-8',
  Sta12: 'AA-8',
  Sta13: 'AA-6',
} as const satisfies Row;

export const STATE_TABLE: Readonly<Record<Event, Row>> = {
  Evt1: { Sta1: 'AE-1' },
  Evt2: { Sta4: 'AE-2' },
  Evt3: { ...UNEXPECTED, Sta5: 'AE-3' },
  Evt4: { ...UNEXPECTED, Sta5: 'AE-4' },
  Evt5: { Sta1: 'AE-5' },
  Evt6: { ...UNEXPECTED, Sta2: 'AE-6', Sta13: 'AA-7' },
  Evt7: { Sta3: 'AE-7' },
  Evt8: { Sta3: 'AE-8' },
  Evt9: { Sta6: 'DT-1', Sta8: 'AR-7' },
  Evt10: { ...UNEXPECTED, Sta6: 'DT-2', Sta7: 'AR-6' },
  Evt11: { Sta6: 'AR-1' },
  Evt12: { ...UNEXPECTED, Sta6: 'AR-2', Sta7: 'AR-8' },
  Evt13: { ...UNEXPECTED, Sta7: 'AR-3', Sta10: 'AR-10', Sta11: 'AR-3' },
  Evt14: { Sta8: 'AR-4', Sta9: 'AR-9', Sta12: 'AR-4' },
  Evt15: {
    Sta3: 'AA-1',
    Sta4: 'AA-2',
    Sta5: 'AA-1',
    Sta6: 'AA-1',
    Sta7: 'AA-1',
    Sta8: 'AA-1',
    Sta9: 'AA-1',
    Sta10: 'AA-1',
    Sta11: 'AA-1',
    Sta12: 'AA-1',
  },
  Evt16: {
    Sta2: 'AA-2',
    Sta3: 'AA-3',
    Sta5: 'AA-3',
    Sta6: 'AA-3',
    Sta7: 'AA-3',
    Sta8: 'AA-3',
    Sta9: 'AA-3',
    Sta10: 'AA-3',
    Sta11: 'AA-3',
    Sta12: 'AA-3',
    Sta13: 'AA-2',
  },
  Evt17: {
    Sta2: 'AA-5',
    Sta3: 'AA-4',
    Sta4: 'AA-4',
    Sta5: 'AA-4',
    Sta6: 'AA-4',
    Sta7: 'AA-4',
    Sta8: 'AA-4',
    Sta9: 'AA-4',
    Sta10: 'AA-4',
    Sta11: 'AA-4',
    Sta12: 'AA-4',
    Sta13: 'AR-5',
  },
  Evt18: { Sta2: 'AA-2', Sta13: 'AA-2' },
  Evt19: { ...UNEXPECTED, Sta13: 'AA-7' },
};

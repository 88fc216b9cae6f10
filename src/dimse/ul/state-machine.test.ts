import { describe, expect, test } from 'vitest';
import { AssociationAbortedError } from '../association-errors.ts';
import { IllegalTransitionError, StateMachine, type EventInputs, type StateMachineEffects } from './state-machine.ts';
import { PduError } from './pdu-error.ts';
import { EVENTS, STATES, type Event, type State } from './state-table.ts';

// PS3.8 table 9-10 in the shape in which the standard prints it, read independently of STATE_TABLE.
const TABLE_9_10 = `
      Sta1 Sta2 Sta3 Sta4 Sta5 Sta6 Sta7 Sta8 Sta9 Sta10 Sta11 Sta12 Sta13
Evt1  AE-1 -    -    -    -    -    -    -    -    -     -     -     -
Evt2  -    -    -    AE-2 -    -    -    -    -    -     -     -     -
Evt3  -    AA-1 AA-8 -    AE-3 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8  AA-8  AA-6
Evt4  -    AA-1 AA-8 -    AE-4 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8  AA-8  AA-6
Evt5  AE-5 -    -    -    -    -    -    -    -    -     -     -     -
Evt6  -    AE-6 AA-8 -    AA-8 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8  AA-8  AA-7
Evt7  -    -    AE-7 -    -    -    -    -    -    -     -     -     -
Evt8  -    -    AE-8 -    -    -    -    -    -    -     -     -     -
Evt9  -    -    -    -    -    DT-1 -    AR-7 -    -     -     -     -
Evt10 -    AA-1 AA-8 -    AA-8 DT-2 AR-6 AA-8 AA-8 AA-8  AA-8  AA-8  AA-6
Evt11 -    -    -    -    -    AR-1 -    -    -    -     -     -     -
Evt12 -    AA-1 AA-8 -    AA-8 AR-2 AR-8 AA-8 AA-8 AA-8  AA-8  AA-8  AA-6
Evt13 -    AA-1 AA-8 -    AA-8 AA-8 AR-3 AA-8 AA-8 AR-10 AR-3  AA-8  AA-6
Evt14 -    -    -    -    -    -    -    AR-4 AR-9 -     -     AR-4  -
Evt15 -    -    AA-1 AA-2 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1  AA-1  AA-1  -
Evt16 -    AA-2 AA-3 -    AA-3 AA-3 AA-3 AA-3 AA-3 AA-3  AA-3  AA-3  AA-2
Evt17 -    AA-5 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4  AA-4  AA-4  AR-5
Evt18 -    AA-2 -    -    -    -    -    -    -    -     -     -     AA-2
Evt19 -    AA-1 AA-8 -    AA-8 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8  AA-8  AA-7
`;

// Effects and next state of PS3.8 tables 9-6 to 9-9, written down as what the outside must see, in order.
const ACTIONS: Readonly<Record<string, readonly [effects: string, next: string]>> = {
  'AE-1': ['connect', 'Sta4'],
  'AE-2': ['send A-ASSOCIATE-RQ', 'Sta5'],
  'AE-3': ['confirm accept', 'Sta6'],
  'AE-4': ['ended, close', 'Sta1'],
  'AE-5': ['start ARTIM', 'Sta2'],
  'AE-6': ['stop ARTIM, indicate A-ASSOCIATE', 'Sta3'],
  'AE-7': ['send A-ASSOCIATE-AC', 'Sta6'],
  'AE-8': ['ended, send A-ASSOCIATE-RJ, start ARTIM', 'Sta13'],
  'DT-1': ['send P-DATA-TF', 'Sta6'],
  'DT-2': ['indicate P-DATA', 'Sta6'],
  'AR-1': ['send A-RELEASE-RQ', 'Sta7'],
  'AR-2': ['indicate A-RELEASE', 'Sta8'],
  'AR-3': ['ended, confirm A-RELEASE, close', 'Sta1'],
  'AR-4': ['send A-RELEASE-RP, start ARTIM, ended', 'Sta13'],
  'AR-5': ['stop ARTIM', 'Sta1'],
  'AR-6': ['indicate P-DATA', 'Sta7'],
  'AR-7': ['send P-DATA-TF', 'Sta8'],
  'AR-8 requestor': ['indicate A-RELEASE', 'Sta9'],
  'AR-8 acceptor': ['indicate A-RELEASE', 'Sta10'],
  'AR-9': ['send A-RELEASE-RP', 'Sta11'],
  'AR-10': ['confirm A-RELEASE', 'Sta12'],
  'AA-1': ['ended, send A-ABORT 0/0, start ARTIM', 'Sta13'],
  'AA-2': ['ended, stop ARTIM, close', 'Sta1'],
  'AA-3': ['ended, close', 'Sta1'],
  'AA-4': ['ended, close', 'Sta1'],
  'AA-5': ['ended, stop ARTIM, close', 'Sta1'],
  'AA-6': ['', 'Sta13'],
  'AA-7 unexpected': ['send A-ABORT 2/2', 'Sta13'],
  'AA-7 invalid': ['send A-ABORT 2/1', 'Sta13'],
  'AA-8 unexpected': ['ended, send A-ABORT 2/2, start ARTIM', 'Sta13'],
  'AA-8 invalid': ['ended, send A-ABORT 2/1, start ARTIM', 'Sta13'],
};

class Recorder implements StateMachineEffects {
  readonly seen: string[] = [];
  readonly isRequestor: boolean;
  rejects = false;

  constructor(isRequestor: boolean) {
    this.isRequestor = isRequestor;
  }

  connectTransport = (): void => this.#note('connect');
  closeTransport = (): void => this.#note('close');
  startArtim = (): void => this.#note('start ARTIM');
  stopArtim = (): void => this.#note('stop ARTIM');
  sendAssociateRequest = (): void => this.#note('send A-ASSOCIATE-RQ');
  sendAssociateAccept = (): void => this.#note('send A-ASSOCIATE-AC');
  sendAssociateReject = (): void => this.#note('send A-ASSOCIATE-RJ');
  sendPData = (): void => this.#note('send P-DATA-TF');
  sendReleaseRequest = (): void => this.#note('send A-RELEASE-RQ');
  sendReleaseResponse = (): void => this.#note('send A-RELEASE-RP');
  sendAbort = (source: number, reason: number): void => this.#note(`send A-ABORT ${source}/${reason}`);
  providerRejects = (): { result: number; source: number; reason: number } | undefined =>
    this.rejects ? { result: 2, source: 3, reason: 2 } : undefined;
  indicateAssociate = (): void => this.#note('indicate A-ASSOCIATE');
  confirmAssociate = (): void => this.#note('confirm accept');
  indicatePData = (): void => this.#note('indicate P-DATA');
  indicateRelease = (): void => this.#note('indicate A-RELEASE');
  confirmRelease = (): void => this.#note('confirm A-RELEASE');
  ended = (): void => this.#note('ended');

  #note(effect: string): void {
    this.seen.push(effect);
  }
}

function cells(): { event: Event; state: State; action: string }[] {
  const [header, ...rows] = TABLE_9_10.trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([event, ...actions]) =>
    actions.map((action, column) => ({ event: event as Event, state: header![column] as State, action })),
  );
}

function inputFor(event: Event): EventInputs[Event] {
  if (event === 'Evt19') return new PduError(1, 'unrecognized PDU');
  if (event === 'Evt15') return new AssociationAbortedError(false, 0, 0, 'test');
  if (event === 'Evt9') return [Buffer.alloc(12)];
  return undefined;
}

test('the table has 13 states and 19 events', () => {
  expect(cells()).toHaveLength(13 * 19);
  expect(new Set(cells().map(({ event }) => event))).toEqual(new Set(EVENTS));
  expect(new Set(cells().map(({ state }) => state))).toEqual(new Set(STATES));
});

describe.each([
  ['requestor', true],
  ['acceptor', false],
] as const)('PS3.8 table 9-10, %s', (side, isRequestor) => {
  test.each(cells())('$event in $state: $action', ({ event, state, action }) => {
    const effects = new Recorder(isRequestor);
    const machine = new StateMachine(effects, state);
    if (action === '-') {
      expect(machine.actionFor(event)).toBeUndefined();
      expect(() => machine.fire(event, inputFor(event))).toThrow(IllegalTransitionError);
      expect(effects.seen).toEqual([]);
      expect(machine.state).toBe(state);
      return;
    }
    machine.fire(event, inputFor(event));
    const key =
      action === 'AR-8'
        ? `AR-8 ${side}`
        : /^AA-[78]$/.test(action)
          ? `${action} ${event === 'Evt19' ? 'invalid' : 'unexpected'}`
          : action;
    const [seen, next] = ACTIONS[key]!;
    expect([effects.seen.join(', '), machine.state]).toEqual([seen, next]);
  });
});

test('AE-6: a request that the provider cannot accept is rejected at once', () => {
  const effects = new Recorder(false);
  effects.rejects = true;
  const machine = new StateMachine(effects, 'Sta2');
  machine.fire('Evt6', undefined);
  expect(effects.seen).toEqual(['stop ARTIM', 'ended', 'send A-ASSOCIATE-RJ', 'start ARTIM']);
  expect(machine.state).toBe('Sta13');
});

import { expect, test } from 'vitest';
import type { InstanceRef, InstanceSelection } from '../index/index-types.ts';
import { collectInstances } from './collect-instances.ts';
import { GateThatPermits } from './test-support/gate-that-permits.ts';

const { signal } = new AbortController();

/** An index that gives one instance of each study that it is asked for, and remembers what it was asked. */
class Source {
  readonly asked: InstanceSelection[] = [];

  async selectedStudies(): Promise<string[]> {
    return ['1.2.1', '1.2.2'];
  }

  async *selectInstances(selection: InstanceSelection): AsyncGenerator<InstanceRef[]> {
    this.asked.push(selection);
    yield (selection.studyUids ?? ['1.2.1', '1.2.2']).map(
      (studyInstanceUid) => ({ studyInstanceUid, sopInstanceUid: `${studyInstanceUid}.9` }) as InstanceRef,
    );
  }
}

async function collected(source: Source, selection: InstanceSelection): Promise<string[]> {
  const gate = await new GateThatPermits((uid) => uid !== '1.2.1').begin({} as never);
  return (await collectInstances(source, gate, selection, signal)).map(({ studyInstanceUid }) => studyInstanceUid);
}

test('the instances of a withheld study that is named are not even looked for: they cost no time', async () => {
  const source = new Source();
  expect(await collected(source, { level: 'STUDY', studyUids: ['1.2.1'] })).toEqual([]);
  expect(await collected(source, { level: 'SERIES', studyUids: ['1.2.1'], seriesUids: ['1.2.1.1'] })).toEqual([]);
  expect(source.asked).toEqual([]);
  expect(await collected(source, { level: 'STUDY', studyUids: ['1.2.1', '1.2.2'] })).toEqual(['1.2.2']);
  expect(source.asked).toEqual([{ level: 'STUDY', studyUids: ['1.2.2'] }]);
});

test('of what is asked for without naming studies those that are withheld are left out, and not looked into', async () => {
  const source = new Source();
  const patient = { level: 'PATIENT', patientId: 'P' } as const;
  expect(await collected(source, patient)).toEqual(['1.2.2']);
  const series = { level: 'SERIES', seriesUids: ['1.2.1.1', '1.2.2.1'] } as const;
  expect(await collected(source, series)).toEqual(['1.2.2']);
  expect(source.asked).toEqual([
    { ...patient, studyUids: ['1.2.2'] },
    { ...series, studyUids: ['1.2.2'] },
  ]);
});

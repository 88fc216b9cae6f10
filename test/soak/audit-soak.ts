import { validityRun } from '../audit/valid-messages.ts';

/** So many messages of every kind, each held against the schema, the tables of the events and the rules of syslog. */
export async function auditSoak(options: {
  readonly messages: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}): Promise<{
  readonly messages: number;
  readonly longest: number;
  readonly kinds: number;
  readonly faults: readonly string[];
}> {
  const { messages, seed, say } = options;
  const run = await validityRun(messages, seed);
  for (const [event, made] of Object.entries(run.events)) say(`event ${event}: ${made} messages`);
  return { messages: run.messages, longest: run.longest, kinds: Object.keys(run.events).length, faults: run.faults };
}

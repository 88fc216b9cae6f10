import { parse } from 'yaml';
import { z } from 'zod';
import { aeTitle, count, duration, flag, line, list, oneOf, uid } from '../config/fields.ts';
import { KuvaError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { AE_SERVICES } from '../index/index-types.ts';

/** A script that cannot be read; the message has one line a problem. */
export class SimScriptError extends KuvaError {
  override readonly name = 'SimScriptError';

  constructor(problems: readonly string[]) {
    super('SIM_SCRIPT', problems.join('\n'));
  }
}

/** A DIMSE status or a failure reason, four hexadecimal digits. */
function status() {
  const error = 'write four hexadecimal digits, such as A700';
  return z
    .union([z.string(), z.number()], { error })
    .transform((value) => String(value).padStart(4, '0'))
    .pipe(z.string().regex(/^[0-9A-Fa-f]{4}$/, { error }))
    .transform((value) => Number.parseInt(value, 16));
}

const some = () => count(1, 1_000_000_000).nullable().default(null);
const few = () => count(0, 1_000_000).default(0);

// Which of the events it is about. All conditions must hold; `nth` and `every` count those for which the others do.
const WHICH = {
  nth: some(),
  every: some(),
  /** At most so often. */
  times: some(),
  /** From this long after the start, until so long after it. */
  after: duration(0, 86_400_000).default(0),
  until: duration(0, 86_400_000).nullable().default(null),
  callingAet: aeTitle().nullable().default(null),
};
const DELAY = { delay: duration(0, 3_600_000).default(0) };
const ANSWER = { ...DELAY, status: status().nullable().default(null), comment: line(64).default('') };

const associateRule = z.strictObject({
  on: z.literal('associate'),
  ...WHICH,
  ...DELAY,
  refuse: oneOf(['calling-aet', 'called-aet', 'congestion', 'no-reason']).nullable().default(null),
  /** Services whose presentation contexts are refused. */
  without: list(oneOf(AE_SERVICES)).default([]),
});

const storeRule = z.strictObject({
  on: z.literal('store'),
  ...WHICH,
  ...ANSWER,
  study: uid().nullable().default(null),
  sopClass: uid().nullable().default(null),
  sopInstance: uid().nullable().default(null),
  /** Left out: kept when the answer is success or a warning. */
  keep: flag().nullable().default(null),
  abort: oneOf(['during', 'before-response', 'after-response']).nullable().default(null),
});

const commitmentRule = z.strictObject({
  on: z.literal('commitment'),
  ...WHICH,
  ...ANSWER,
  /** How often the request's answer comes, when, on which association, under which Transaction UID. */
  answer: oneOf(['once', 'never', 'twice']).default('once'),
  reportAfter: duration(0, 3_600_000).default(0),
  via: oneOf(['any', 'same', 'new']).default('any'),
  transaction: oneOf(['own', 'foreign']).default('own'),
  /** So many instances of the request, or all, are reported as failed although they are there; with `forget` they are lost as well. */
  fail: z.union([z.literal('all'), few()]).default(0),
  reason: status().default(0x0112),
  forget: flag().default(false),
});

const findRule = z.strictObject({
  on: z.literal('find'),
  ...WHICH,
  ...ANSWER,
  /** So many instances of each study are left out of answers and counts. */
  hide: few(),
});

const retrieveRule = z.strictObject({
  on: z.literal('retrieve'),
  ...WHICH,
  ...ANSWER,
  /** So many instances fail; or all come with other bytes than were stored. */
  skip: few(),
  alter: flag().default(false),
});

const ruleSchema = z.discriminatedUnion('on', [associateRule, storeRule, commitmentRule, findRule, retrieveRule], {
  error: 'write on: associate, store, commitment, find or retrieve',
});

const scriptSchema = z.strictObject({
  /** Every C-STORE is answered A700 until the process gets SIGUSR1. */
  full: flag().default(false),
  rules: list(ruleSchema).default([]),
});

export type SimRule = z.output<typeof ruleSchema>;
export type SimRuleOf<E extends SimRule['on']> = Extract<SimRule, { on: E }>;

/** What an archive does that is not what an archive does. The first rule that matches is the one. */
export type SimScript = z.output<typeof scriptSchema>;

/** Reads a script written in YAML or JSON. @throws SimScriptError naming file, key, value and remedy */
export function readScript(text: string, file: string): SimScript {
  let tree: unknown;
  try {
    tree = parse(text) ?? {};
  } catch (error) {
    throw new SimScriptError([`${file}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`]);
  }
  return checked(scriptSchema, tree, file);
}

/** One rule of the command line, `store nth=3 status=A700`. @throws SimScriptError */
export function readRule(words: string): SimRule {
  const [on = '', ...settings] = words.trim().split(/\s+/);
  const pairs = settings.map((setting): [string, string] => {
    const at = setting.indexOf('=');
    return at < 0 ? [setting, 'true'] : [setting.slice(0, at), setting.slice(at + 1)];
  });
  return checked(ruleSchema, { on, ...Object.fromEntries(pairs) }, `--rule "${printable(words)}"`);
}

function checked<T extends z.ZodType>(schema: T, value: unknown, origin: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SimScriptError(
    parsed.error.issues.flatMap((issue) => {
      const path = issue.path.map(String);
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.map(
          (key) => `${origin}: unknown key ${printable([...path, key].join('.'))}: kuva sim archive --help shows some`,
        );
      }
      return [`${origin}: ${path.join('.')} is ${shown(value, path)}: ${issue.message}`];
    }),
  );
}

function shown(value: unknown, path: readonly string[]): string {
  let at: unknown = value;
  for (const part of path) at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[part] : at;
  return at === undefined ? 'missing' : printable(JSON.stringify(at) ?? '');
}

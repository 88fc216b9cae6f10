import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { errorCode } from '../../core/errors.ts';
import { AdtError, adtMessagesOf, readAdtMessage } from '../../identity/adt-message.ts';
import type { AdtMerge, AssignedId } from '../../identity/adt-message.ts';
import type { IdentityOutcome } from '../../index/identity/identity-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import type { Profile } from '../../profile/profile.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment, CommandContext } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { withIndexOfNode } from '../open-index.ts';
import { actorOf } from '../queue/queue-text.ts';
import { auditIdentity, refused, tellArchived } from './record-change.ts';
import { saidIdentity } from './said-identity.ts';

/** What became of one retired id of one message; `fault` when it was not taken. */
interface Taken {
  readonly file: string;
  readonly message: string;
  readonly event: string;
  readonly from: string;
  readonly to: string;
  readonly outcome?: IdentityOutcome;
  /** The id is here, but told by objects of another issuer, or of none. */
  readonly otherIssuers?: readonly string[];
  readonly fault?: string;
}

export function addIdentityImportCommand(identity: Command, environment: CliEnvironment): void {
  addCommand(identity, {
    usage: 'import <file...>',
    summary:
      'merges and changed identifiers from the patient administration: files with HL7 version 2 messages ADT^A40 and ADT^A47; one that comes again does no harm',
    examples: ['kuva identity import merges.hl7', 'kuva identity import --any-issuer night/*.hl7 --json'],
  })
    .option('--any-issuer', 'the retired ids are meant whatever authority the messages name')
    .action(async (files: string[], { anyIssuer }: { anyIssuer?: boolean }, command: Command) => {
      const context = contextOf(environment, command);
      const taken = await withIndexOfNode(context.config, async (index) => {
        const taker = new Taker(index, context, anyIssuer === true);
        const all: Taken[] = [];
        // In the order in which they are named: a later one may build upon an earlier one.
        for (const file of files) all.push(...(await taker.file(file)));
        return all;
      });
      tell(context, taken);
    });
}

class Taker {
  readonly #index: IndexService;
  readonly #context: CommandContext;
  readonly #profile: Profile;
  readonly #anyIssuer: boolean;

  constructor(index: IndexService, context: CommandContext, anyIssuer: boolean) {
    this.#index = index;
    this.#context = context;
    this.#profile = loadProfile(context.config.profile);
    this.#anyIssuer = anyIssuer;
  }

  async file(file: string): Promise<Taken[]> {
    const bytes = await readFile(resolve(this.#context.environment.cwd, file)).catch((error: unknown) => {
      throw new UsageError(`${file} cannot be read (${errorCode(error)})`);
    });
    const messages = adtMessagesOf(bytes);
    if (messages.length === 0) return [fault(file, 1, 'no MSH segment: this is no HL7 version 2 message')];
    const taken: Taken[] = [];
    for (const [at, text] of messages.entries()) taken.push(...(await this.#message(file, at + 1, text)));
    return taken;
  }

  async #message(file: string, at: number, text: string): Promise<Taken[]> {
    let merges: AdtMerge[];
    try {
      merges = readAdtMessage(text);
    } catch (error) {
      if (error instanceof AdtError) return [fault(file, at, error.message)];
      throw error;
    }
    const taken: Taken[] = [];
    for (const merge of merges) {
      for (const retired of merge.retired) taken.push(await this.#one(file, merge, retired));
    }
    return taken;
  }

  async #one(file: string, merge: AdtMerge, retired: AssignedId): Promise<Taken> {
    const { event, controlId, sender, demographics } = merge;
    const survivor = this.#survivor(merge.ids);
    const row = { file, message: controlId, event, from: retired.id, to: survivor.id };
    const reason = `ADT^${event} ${controlId} of ${sender}`;
    try {
      const issuer = this.#anyIssuer || retired.authority === '' ? null : this.#issuerOf(retired.authority);
      const said = withoutEmpty({ ...demographics, issuer: this.#issuerOf(survivor.authority) });
      const [before] = await this.#index.read('knownIdentity', retired.id, issuer);
      const identity = await saidIdentity(this.#index, this.#profile, survivor.id, said, before);
      const actor = actorOf(this.#context.environment);
      const change = { kind: 'merge', patientId: retired.id, issuer, identity, reason, actor, at: Date.now() } as const;
      const outcome = await this.#index.changeIdentity(change).catch(refused);
      await auditIdentity(this.#index, this.#context.config, outcome, reason);
      if (outcome.studies.length > 0 || issuer === null) return { ...row, outcome };
      const others = await this.#index.read('knownIdentity', retired.id, null);
      return { ...row, outcome, otherIssuers: [...new Set(others.map((each) => each.issuer))] };
    } catch (error) {
      if (error instanceof CommandFailedError || error instanceof UsageError) return { ...row, fault: error.message };
      throw error;
    }
  }

  /** A patient may have several ids: the personal identity code counts, else the first. */
  #survivor(ids: readonly AssignedId[]): AssignedId {
    const { hetuIssuer } = this.#profile.identity;
    return ids.find(({ authority }) => this.#issuerOf(authority) === hetuIssuer) ?? ids[0]!;
  }

  #issuerOf(authority: string): string {
    const { hetuIssuer, hetuIssuerAliases } = this.#profile.identity;
    return hetuIssuerAliases.includes(authority) ? hetuIssuer : authority;
  }
}

function fault(file: string, at: number, text: string): Taken {
  return { file, message: `number ${at}`, event: '', from: '', to: '', fault: text };
}

function withoutEmpty<T extends Record<string, string>>(said: T): Partial<T> {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== '')) as Partial<T>;
}

function tell({ out }: CommandContext, taken: readonly Taken[]): void {
  out.list(
    taken,
    [
      { title: 'file', value: (each) => each.file },
      { title: 'message', value: (each) => each.message },
      { title: 'event', value: (each) => each.event },
      { title: 'retired', value: (each) => each.from },
      { title: 'is', value: (each) => each.to },
      { title: 'change', value: (each) => each.outcome?.changeId },
      { title: 'studies', value: (each) => each.outcome?.studies.length, align: 'right' },
      { title: 'not taken', value: (each) => each.fault },
    ],
    'no messages',
  );
  if (!out.json)
    tellArchived(
      out,
      taken.flatMap(({ outcome }) => outcome?.studies ?? []),
    );
  const elsewhere = taken.filter(({ otherIssuers = [] }) => otherIssuers.length > 0).length;
  if (elsewhere > 0)
    out.say(
      `${elsewhere} retired ids are here of another issuer than the message names, or of none: --any-issuer takes them for the same`,
    );
  const faults = taken.filter((each) => each.fault !== undefined).length;
  if (faults > 0) throw new CommandFailedError(`${faults} of ${taken.length} were not taken`);
}

import { setTimeout as delay } from 'node:timers/promises';
import { CommandFailedError } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import type { CommandResult, DemoNode } from './demo-node.ts';

export interface Scene {
  readonly scene: string;
  readonly expected: string;
  readonly seen: string;
  readonly ok: boolean;
}

const WAIT_MS = 120_000;
const LOOK_MS = 500;

/** Tells what is done and what came of it, and keeps the scenes for the table at the end. */
export class Narrator {
  readonly #out: Output;
  readonly scenes: Scene[] = [];
  #number = 0;

  constructor(out: Output) {
    this.#out = out;
  }

  chapter(title: string, text: string): void {
    this.#number += 1;
    this.#out.say(`\n${this.#number}. ${title}`);
    this.#out.say(`   ${text}`);
  }

  /** What somebody without kuva would type for the same. */
  alsoWith(line: string): void {
    this.#out.say(`     # the same with DCMTK: ${line}`);
  }

  /** Runs a command on a node and shows it. @throws CommandFailedError when it fails and was not expected to */
  async run(node: DemoNode, args: readonly string[], expectedCode = 0): Promise<CommandResult> {
    this.#out.say(`   ${node.aet.toLowerCase()}$ kuva ${args.map(shellWord).join(' ')}`);
    const result = await node.kuva(...args);
    if (result.code !== expectedCode)
      throw new CommandFailedError(`kuva ${args.join(' ')} on ${node.aet} ended with ${result.code}: ${result.stderr}`);
    return result;
  }

  /** As `run`, again and again until `settled` is content with the answer. @throws CommandFailedError when it never is */
  async until(
    node: DemoNode,
    args: readonly string[],
    settled: (rows: CommandResult['rows']) => boolean,
  ): Promise<CommandResult['rows']> {
    this.#out.say(`   ${node.aet.toLowerCase()}$ kuva ${args.map(shellWord).join(' ')}`);
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const { rows } = await node.kuva(...args);
      if (settled(rows)) return rows;
      if (Date.now() > deadline)
        throw new CommandFailedError(
          `waited ${WAIT_MS / 1000} s for kuva ${args.join(' ')} on ${node.aet}; it says ${JSON.stringify(rows).slice(0, 400)}`,
        );
      await delay(LOOK_MS);
    }
  }

  /** Holds what was seen against what should be. */
  scene(scene: string, expected: string, seen: string): void {
    const ok = expected === seen;
    this.scenes.push({ scene, expected, seen, ok });
    this.#out.say(`   => ${seen}${ok ? '' : `, and not ${expected}`}`);
  }
}

function shellWord(text: string): string {
  return /^[\w.,:/=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

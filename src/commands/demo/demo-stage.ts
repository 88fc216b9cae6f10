import type { Profile } from '../../profile/profile.ts';
import type { DemoNode } from './demo-node.ts';
import type { Narrator } from './narrator.ts';

/** Everything the play is made of. */
export interface Stage {
  readonly folder: string;
  /** Folder of the installation, with the example data. */
  readonly home: string;
  readonly profile: Profile;
  /** ms since 1970 */
  readonly now: number;
  readonly tell: Narrator;
}

export interface Nodes {
  readonly archive: DemoNode;
  readonly north: DemoNode;
  readonly south: DemoNode;
}

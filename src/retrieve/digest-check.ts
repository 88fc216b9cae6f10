import { KuvaError } from '../core/errors.ts';
import type { InstanceRef } from '../index/index-types.ts';

/** An instance with its kept file, wherever it is known from. */
export type KeptInstance = Omit<InstanceRef, 'instanceId'>;

/** A kept file is not what was stored; `cause` when its own file meta cannot be read any more. */
export class ObjectDamagedError extends KuvaError {
  override readonly name = 'ObjectDamagedError';

  constructor(instance: KeptInstance, what: string, cause?: unknown) {
    super('OBJECT_CORRUPT', `kept file is damaged: ${what}`, { sha256: instance.sha256 }, cause);
  }
}

export interface DigestCheckOptions {
  /** false: bytes go out as the disk gives them */
  readonly enabled: boolean;
  /** reads the whole file: undefined when it is what was stored */
  readonly verify: (sha256: string, size: number) => Promise<Error | undefined>;
  /** told of every damaged file, for log and metrics */
  readonly damaged: (instance: KeptInstance, error: ObjectDamagedError) => void;
}

/** So many damaged files are remembered; of more, each is found anew. */
const MAX_SUSPECTS = 10_000;

/**
 * Sees to it that no damaged file is taken as whole by a peer. Small files are hashed before their first byte leaves, large
 * ones while they are sent: the association ends before the last fragment. What was found damaged so is hashed before it is sent
 * the next time, so that it costs no second association, and goes out again once it has been restored.
 */
export class DigestCheck {
  readonly #o: DigestCheckOptions;
  readonly #suspects = new Set<string>();

  constructor(o: DigestCheckOptions) {
    this.#o = o;
  }

  /** Whether `read` wants to know the SHA-256. */
  get enabled(): boolean {
    return this.#o.enabled;
  }

  /** Of a file that was read to its end: its bytes, and its SHA-256 in hex. @throws ObjectDamagedError */
  read(instance: KeptInstance, bytes: number, sha256: string): void {
    if (bytes !== instance.size)
      throw new ObjectDamagedError(
        instance,
        bytes > instance.size ? 'it has grown' : `${bytes} bytes instead of ${instance.size}`,
      );
    if (this.#o.enabled && sha256 !== instance.sha256)
      throw new ObjectDamagedError(instance, 'its SHA-256 is not what was stored');
  }

  /** Before the first byte of a large file; only one that was found damaged before is read for it. @throws ObjectDamagedError */
  async before(instance: KeptInstance): Promise<void> {
    if (!this.#suspects.has(instance.sha256)) return;
    if ((await this.#o.verify(instance.sha256, instance.size)) !== undefined)
      throw new ObjectDamagedError(instance, 'its SHA-256 is not what was stored');
    this.#suspects.delete(instance.sha256);
  }

  /** Tells of a damaged file. */
  damaged(instance: KeptInstance, error: ObjectDamagedError): void {
    if (this.#suspects.size < MAX_SUSPECTS) this.#suspects.add(instance.sha256);
    this.#o.damaged(instance, error);
  }
}

import { KuvaError } from '../../core/errors.ts';
import type { Association } from '../../dimse/association.ts';
import type { RequestedContext } from '../../dimse/requestor.ts';
import type { ServiceHandlers } from '../../dimse/service-handlers.ts';
import type { PeerConnector, RemoteAe } from '../../services/peer-connector.ts';

interface ConfiguredArchives {
  readonly node: { readonly aeTitle: string };
  readonly egress: {
    readonly destinations: readonly {
      readonly name: string;
      readonly aeTitle: string;
      readonly host: string;
      readonly port: number;
      readonly tls: boolean;
    }[];
  };
}

export interface ArchiveRequest {
  /** of the destination in the configuration */
  readonly destination: string;
  /** one stable title a controller; '' for the node's own */
  readonly callingAet: string;
  readonly contexts: readonly RequestedContext[];
  readonly handlers?: ServiceHandlers;
}

/** The archives of the configuration, for questions and recalls: what is forwarded goes another way. */
export class Archives {
  readonly #archives: ReadonlyMap<string, RemoteAe>;
  readonly #ownAet: string;
  readonly #connect: PeerConnector;

  constructor({ egress, node }: ConfiguredArchives, connect: PeerConnector) {
    this.#ownAet = node.aeTitle;
    this.#connect = connect;
    this.#archives = new Map(
      egress.destinations.map(({ name, aeTitle, host, port, tls }) => [
        name,
        { aet: aeTitle, host, port, tls, maxSubAssociations: 1 },
      ]),
    );
  }

  /** '' when the destination is not in the configuration. */
  aetOf(destination: string): string {
    return this.#archives.get(destination)?.aet ?? '';
  }

  hostOf(destination: string): string {
    return this.#archives.get(destination)?.host ?? '';
  }

  /** Opens an association; the caller ends it. @throws KuvaError ARCHIVE_UNKNOWN, AssociationError */
  async open(request: ArchiveRequest, signal: AbortSignal): Promise<Association> {
    const { destination, callingAet, contexts, handlers } = request;
    const archive = this.#archives.get(destination);
    if (archive === undefined) {
      throw new KuvaError('ARCHIVE_UNKNOWN', `egress has no destination ${destination}: add it to the configuration`, {
        destination,
      });
    }
    const callingAET = callingAet === '' ? this.#ownAet : callingAet;
    return this.#connect(archive, { callingAET, contexts, ...(handlers === undefined ? {} : { handlers }) }, signal);
  }
}

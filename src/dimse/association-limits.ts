/** What a peer may use of us. Lengths in bytes; every one is checked before anything is allocated for it. */
export interface AssociationLimits {
  /** Transport connections at once, counted from TCP accept until the socket is gone. */
  readonly maxAssociations: number;
  /** The same, from one address. */
  readonly maxAssociationsPerPeer: number;
  /**
   * So many times the maximum length that we announced may a P-DATA-TF be (PS3.8 D.1), for devices that do not keep to it. Its data is
   * passed on as it arrives: this costs no memory.
   */
  readonly pduTolerance: number;
  /** A-ASSOCIATE-RQ/AC body. */
  readonly maxControlPduLength: number;
  /** One DIMSE command set, PS3.7 6.3. */
  readonly maxCommandLength: number;
  /** Data set of every message but C-STORE-RQ (identifiers, N-ACTION information), which is held in memory. */
  readonly maxIdentifierLength: number;
}

/** Milliseconds. Each of them ends in `socket.destroy()`, at the latest after a further `artim`. */
export interface AssociationTimeouts {
  /** PS3.8 9.1.5: from TCP accept (TLS handshake included) to the whole A-ASSOCIATE-RQ, and for the peer to close at the end. */
  readonly artim: number;
  /** Nothing received and nothing drained while no operation of ours is running. */
  readonly idle: number;
  /** From the last byte of a request handed to the kernel to its (next) response. */
  readonly response: number;
  /** From A-RELEASE-RQ to A-RELEASE-RP. */
  readonly release: number;
  /** TCP (and TLS) connection of a requestor. */
  readonly connect: number;
  /** From A-ASSOCIATE-RQ to the answer. */
  readonly associate: number;
  /** A peer that does not read: no drain of the send buffer for so long. */
  readonly writeStall: number;
  /** A data set sink that neither drains nor finishes. */
  readonly sink: number;
}

export const DEFAULT_MAX_PDU_LENGTH = 131_072;

export const DEFAULT_ASSOCIATION_LIMITS: AssociationLimits = {
  maxAssociations: 200,
  maxAssociationsPerPeer: 50,
  pduTolerance: 1,
  maxControlPduLength: 256 * 1024,
  maxCommandLength: 64 * 1024,
  maxIdentifierLength: 16 * 1024 * 1024,
};

export const DEFAULT_ASSOCIATION_TIMEOUTS: AssociationTimeouts = {
  artim: 30_000,
  idle: 300_000,
  response: 120_000,
  release: 30_000,
  connect: 15_000,
  associate: 30_000,
  writeStall: 60_000,
  sink: 300_000,
};

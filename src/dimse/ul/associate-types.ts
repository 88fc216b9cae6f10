/** One proposed presentation context, PS3.8 9.3.2.2. A syntax that is no UID is left out (abstract syntax: empty). */
export interface ProposedContext {
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
}

/** PS3.8 9.3.3.2: the answer to one context. 0 acceptance, 1 user-rejection, 2 no-reason, 3 abstract-syntax-not-supported, 4 transfer-syntaxes-not-supported. */
export interface ContextResult {
  readonly id: number;
  readonly result: ContextResultCode;
  /** Significant when `result` is 0. */
  readonly transferSyntax: string;
}

export type ContextResultCode = 0 | 1 | 2 | 3 | 4;

/** PS3.7 D.3.3.4: roles of the association requestor for one SOP class. */
export interface RoleSelection {
  readonly sopClassUID: string;
  readonly scu: boolean;
  readonly scp: boolean;
}

/** PS3.7 D.3.3.5: service-class-application-information as it was sent. */
export interface ExtendedNegotiation {
  readonly sopClassUID: string;
  readonly information: Buffer;
}

/** PS3.7 D.3.3.6. */
export interface CommonExtendedNegotiation {
  readonly sopClassUID: string;
  readonly serviceClassUID: string;
  readonly relatedGeneralSopClassUIDs: readonly string[];
}

/** PS3.7 D.3.3.7: 1 user name, 2 user name and passcode, 3 Kerberos ticket, 4 SAML assertion, 5 JSON web token. */
export interface UserIdentity {
  readonly type: number;
  readonly positiveResponseRequested: boolean;
  readonly primary: Buffer;
  readonly secondary: Buffer;
}

/** PS3.7 D.3.3.3; 0 is unlimited. */
export interface AsyncOperationsWindow {
  readonly invoked: number;
  readonly performed: number;
}

/** User information items of both A-ASSOCIATE-RQ and A-ASSOCIATE-AC. */
export interface UserInformation {
  /** PS3.8 D.1: largest P-DATA-TF variable field that the sender can receive; 0 is unlimited. */
  readonly maxPduLength: number;
  readonly implementationClassUID: string;
  readonly implementationVersionName: string;
  readonly asyncWindow: AsyncOperationsWindow | undefined;
  readonly roles: readonly RoleSelection[];
  readonly extended: readonly ExtendedNegotiation[];
  readonly commonExtended: readonly CommonExtendedNegotiation[];
  readonly userIdentity: UserIdentity | undefined;
  /** Only in A-ASSOCIATE-AC. */
  readonly userIdentityResponse: Buffer | undefined;
  /** Items of a type that PS3.7 D.3.3 does not name, as they came. */
  readonly unknown: readonly { readonly type: number; readonly value: Buffer }[];
}

export interface AssociateRequest extends UserInformation {
  readonly protocolVersion: number;
  /** Without leading and trailing spaces; not yet checked for content, see `isAeTitle`. */
  readonly calledAET: string;
  readonly callingAET: string;
  readonly applicationContext: string;
  readonly contexts: readonly ProposedContext[];
}

export interface AssociateAccept extends UserInformation {
  readonly protocolVersion: number;
  readonly calledAET: string;
  readonly callingAET: string;
  readonly applicationContext: string;
  readonly contexts: readonly ContextResult[];
}

/** PS3.8 9.3.4. */
export interface AssociateReject {
  /** 1 permanent, 2 transient. */
  readonly result: number;
  /** 1 service-user, 2 service-provider (ACSE), 3 service-provider (presentation). */
  readonly source: number;
  readonly reason: number;
}

/** PS3.8 9.3.8. */
export interface Abort {
  /** 0 service-user, 2 service-provider. */
  readonly source: number;
  readonly reason: number;
}

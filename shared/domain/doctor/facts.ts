import type { SerialNumber } from '../certificate-id.ts';
import type { RevocationRow } from '../crl-facts.ts';
import type { CertificationAuthority, Endpoint } from '../endpoint.ts';
import type { AliasKind, PersonId, SourceId } from '../identity.ts';
import type { Incident } from '../incident.ts';
import type { OffboardingRecord } from '../offboarding.ts';
import type { EpochMilliseconds, EpochSeconds } from '../time.ts';

/** What was read. Undefined where it could not be, of which `unread` says why; what is not there has no value. */
export type Seen<T> = { readonly value: T } | undefined;

/** Why something could not be read. */
export interface UnreadCause {
  readonly kind:
    /** The caller lacks the right. */
    | 'refused'
    /** There is no caller: no credentials, or none that AWS takes. */
    | 'noCredentials'
    /** The service is not there, as on a laptop. */
    | 'notHere'
    | 'failed';
  readonly words: string;
}

/** One call that tells us something. */
export interface Read {
  /** As IAM calls the right to it, for example `ec2:DescribeClientVpnEndpoints`. */
  readonly action: string;
  /** What it would have told. */
  readonly tells: string;
  /** Whether without it nobody can say that people connect and leavers do not. */
  readonly isEssential: boolean;
}

export type Unread = Read & UnreadCause;

/** How the endpoint is set at EC2. */
export interface EndpointSettingsFacts {
  /** `available`, `pending-associate`, `deleting`, … */
  readonly status: string;
  readonly authentication: readonly { readonly type: string; readonly clientRootCertificateArn?: string }[];
  readonly serverCertificateArn: string;
  readonly connectHandler: {
    readonly isEnabled: boolean;
    readonly functionArn?: string;
    /** `applied` or `applying`. */
    readonly status?: string;
  };
  readonly hasConnectionLog: boolean;
  readonly sessionTimeoutHours: number;
  readonly endsOnSessionTimeout: boolean;
  readonly isSplitTunnel: boolean;
  readonly transport: string;
  readonly port: number;
}

export interface CertificateFacts {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly notBefore: EpochSeconds;
  readonly notAfter: EpochSeconds;
  /** `RSA-2048`, `EC-prime256v1`. */
  readonly key: string;
  /** SHA-256 of the DER, hex. */
  readonly sha256Hex: string;
  readonly publicKeySha256Hex: string;
}

/** What ACM holds under one ARN. */
export interface ImportedCertificateFacts {
  readonly certificate: CertificateFacts;
  /** Issuers, the root last. */
  readonly chain: readonly CertificateFacts[];
}

/** The list that the endpoint says it holds, as far as it can be read. */
export interface HeldListFacts {
  readonly status: 'pending' | 'active';
  readonly sha256Hex: string;
  /** Undefined where it cannot be read at all. */
  readonly content?: {
    readonly crlNumber: number;
    readonly thisUpdate: EpochSeconds;
    readonly nextUpdate: EpochSeconds;
    readonly serialNumbers: ReadonlySet<SerialNumber>;
    /** Undefined where no CA of ours is known to hold it against. */
    readonly fault?: 'issuer' | 'keyIdentifier' | 'signature';
  };
}

export interface KeyFacts {
  /** `Enabled`, `Disabled`, `PendingDeletion`, … */
  readonly state: string;
  readonly spec: string;
  readonly usage: string;
  readonly deletionAt?: EpochMilliseconds;
}

export interface FunctionFacts {
  readonly name: string;
  /** `Active`, `Pending`, `Inactive`, `Failed`. */
  readonly state: string;
  readonly lastUpdateStatus?: string;
  readonly reason?: string;
}

/** What the connect handler answered to a certificate that nobody has. */
export interface GateAnswer {
  readonly milliseconds: number;
  /** Undefined where the answer is none that an endpoint takes. */
  readonly isAllowed?: boolean;
  /** The words of a refusal, or of whatever went wrong. */
  readonly words: string;
}

/** Where people may go through an endpoint, and where it can send them. */
export interface NetworkFacts {
  /** Destinations that at least somebody may reach; one that is being made or failed is none. */
  readonly authorizedCidrs: readonly string[];
  /** Destinations of the endpoint's routes: the network of each association, and what was added. */
  readonly routedCidrs: readonly string[];
}

/** How far the table and its journal agree. */
export interface JournalFacts {
  /** The last object that the table knows. */
  readonly tableSequence: number;
  /** The journal has an object behind it with entries that the table does not have. */
  readonly isTableBehind: boolean;
  /** Since when the oldest of what is written down waits for the journal. */
  readonly waitingSince?: EpochMilliseconds;
}

export interface DeadLetterFacts {
  readonly queueArn: string;
  readonly messages: number;
}

/** Who hears a topic. */
export interface SubscriptionFacts {
  readonly confirmed: number;
  readonly unconfirmed: number;
}

export interface LeaseFacts {
  readonly until: EpochMilliseconds;
}

/** Whether each source can name those who hold certificates. */
export interface AliasCoverageFacts {
  readonly sources: readonly { readonly source: SourceId; readonly aliasKind: AliasKind }[];
  /** People with a certificate that has not ended, whom nobody has offboarded. */
  readonly holders: number;
  /** There are more than were looked at. */
  readonly isPart: boolean;
  /** Those without a name of a kind. */
  readonly lacking: ReadonlyMap<AliasKind, readonly PersonId[]>;
}

/** Everything about one endpoint. */
export interface EndpointFacts {
  readonly endpointId: string;
  readonly settings: Seen<EndpointSettingsFacts | undefined>;
  /** What the portal has written down of it. */
  readonly registration: Seen<Endpoint | undefined>;
  readonly authority: Seen<CertificationAuthority | undefined>;
  readonly serverCertificate: Seen<ImportedCertificateFacts | undefined>;
  /** What clients are judged by. */
  readonly clientRoot: Seen<ImportedCertificateFacts | undefined>;
  readonly heldList: Seen<HeldListFacts | undefined>;
  /** Certificates that have not ended and must be on the list, once a list took them up. */
  readonly rows: Seen<readonly RevocationRow[]>;
  /** Serial numbers that the endpoint does not hold yet, and since when. */
  readonly pending: Seen<
    readonly { readonly serialNumber: SerialNumber; readonly since: EpochMilliseconds }[]
  >;
  readonly lease: Seen<LeaseFacts | undefined>;
  readonly key: Seen<KeyFacts | undefined>;
  readonly keyPublicSha256Hex: Seen<string>;
  readonly networks: Seen<NetworkFacts>;
  readonly gate: Seen<FunctionFacts | undefined>;
  /** Undefined as value: it shares what the account has. */
  readonly gateReservedConcurrency: Seen<number | undefined>;
  /** Undefined as value: Lambda knows no such function. */
  readonly gateAnswer: Seen<GateAnswer | undefined>;
}

export interface TableFacts {
  readonly name: string;
  readonly status: string;
  readonly isDeletionProtected: boolean;
}

/**
 * What a secret is for: signatures or tokens of event sources, SCIM's tokens, what is shown to vendors' directories, or
 * to the company's own.
 */
export type SecretUse = 'events' | 'scim' | 'lookups' | 'directory';

export interface SecretFacts {
  readonly hasValue: boolean;
  readonly isBeingDeleted: boolean;
}

export interface AlarmFacts {
  readonly name: string;
  readonly state: string;
  readonly description: string;
  readonly hasActions: boolean;
}

/** A CloudFormation stack: what it is called, how it is, and what it made. */
export interface StackFacts {
  readonly name: string;
  /** `CREATE_COMPLETE`, … */
  readonly status: string;
}

/** How commands to copy reach the very same place. */
export interface Place {
  /** What a stage is deployed with; absent on a laptop and with a brought endpoint alone. */
  readonly stage?: string;
  /** What follows an `aws …` of that service, for example ` --region eu-west-1`. */
  awsOptions(service: string): string;
  /** What follows a command of this program that speaks to AWS itself. */
  readonly ownOptions: string;
}

/** Everything that was seen of one portal, at one moment. */
export interface PortalFacts {
  readonly now: EpochMilliseconds;
  readonly place: Place;
  readonly caller: Seen<{ readonly account: string; readonly arn: string }>;
  /** How far this machine's clock is ahead of AWS's. */
  readonly clockAheadMilliseconds: number | undefined;
  readonly unread: readonly Unread[];
  /** Undefined where none was asked for. */
  readonly stack: Seen<StackFacts | undefined>;
  readonly table: Seen<TableFacts | undefined>;
  readonly hasPointInTimeRecovery: Seen<boolean>;
  readonly endpoints: readonly EndpointFacts[];
  readonly concurrencyLimit: Seen<number>;
  /** Those that are in use. */
  readonly secrets: readonly {
    readonly name: string;
    readonly use: SecretUse;
    readonly facts: Seen<SecretFacts | undefined>;
  }[];
  /** Those that the stack made. */
  readonly alarmNames: readonly string[];
  readonly alarms: Seen<readonly AlarmFacts[]>;
  readonly topicArn: string | undefined;
  readonly confirmedSubscriptions: Seen<SubscriptionFacts>;
  /** What is for holders goes there; absent where no stack says. */
  readonly holdersTopicArn: string | undefined;
  readonly holdersSubscriptions: Seen<SubscriptionFacts>;
  readonly deadLetters: readonly Seen<DeadLetterFacts | undefined>[];
  readonly journal: Seen<JournalFacts>;
  readonly aliasCoverage: Seen<AliasCoverageFacts>;
  readonly incidents: Seen<readonly Incident[]>;
  readonly offboardings: Seen<readonly OffboardingRecord[]>;
}

import { datedIdFrom, DATED_ID_RANDOM_OCTETS } from '../../domain/dated-id.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Alias, AliasKind, PersonId } from '../../domain/identity.ts';
import type { ScimAttributes } from '../../domain/scim/attributes.ts';
import type { ScimPatched } from '../../domain/scim/patch.ts';
import {
  aliasesOf,
  distinct,
  isSameAlias,
  keyAliasOf,
  scimPersonOf,
  type ScimPerson,
  type ScimUser,
} from '../../domain/scim/user.ts';
import type { ScimUserStore } from '../../ports/scim-user-store.ts';
import type { ReceiveEventDeps } from '../receive-event.ts';
import { findLookalikeOwner } from '../lookalike.ts';
import { addAliases, reviewAlias } from './aliases.ts';
import { hasDenial, tellOfPerson, tellOfReview, type ScimDenialKind, wasReturnTold } from './tell.ts';

export interface ScimWriteDeps extends ReceiveEventDeps {
  readonly scimUsers: ScimUserStore;
  /** The kind of name by which the source `scim` knows people; undefined where there is no such source. */
  readonly scimAliasKind: AliasKind | undefined;
  /** The kinds that any source uses. */
  readonly requiredAliasKinds: readonly AliasKind[];
  /** What it means that a user is no longer active. One that is deleted has left. */
  readonly scimDeactivation: ScimDenialKind;
}

/** Between reading and writing somebody else may have written; then everything is looked at again. */
const ATTEMPTS = 5;

/** What one request wants of a user: `before` is undefined for a new one, the result for one that goes. */
type Wanted = (before: ScimAttributes | undefined) => ScimPatched | undefined;

/** @throws DomainError scimUniqueness, scimInvalidValue, sourceNotConfigured, tryAgain */
export async function createScimUser(deps: ScimWriteDeps, wanted: ScimPatched): Promise<ScimUser> {
  const created = await write(deps, undefined, undefined, () => wanted);
  if (created === undefined) throw new Error('a new user was not kept');
  return created;
}

/**
 * @param ifMatch the version that the sender has seen, if it says
 * @throws DomainError notFound, scimVersionDiffers, scimUniqueness, sourceNotConfigured, tryAgain, and what `change` throws
 */
export async function changeScimUser(
  deps: ScimWriteDeps,
  scimUserId: string,
  ifMatch: number | undefined,
  change: (before: ScimAttributes) => ScimPatched,
): Promise<ScimUser> {
  const changed = await write(deps, scimUserId, ifMatch, (before) =>
    before === undefined ? undefined : change(before),
  );
  if (changed === undefined) throw new Error('a user that was changed is gone');
  return changed;
}

/** @throws DomainError notFound, scimVersionDiffers, sourceNotConfigured, tryAgain */
export async function deleteScimUser(
  deps: ScimWriteDeps,
  scimUserId: string,
  ifMatch: number | undefined,
): Promise<void> {
  await write(deps, scimUserId, ifMatch, () => undefined);
}

/**
 * Writes one user. What follows for a person is written first: a user that is kept as not active is a person that is
 * denied, whoever died in between, and a sender that got no answer sends again. Events have no times of their own:
 * those of one user are put in an order by her version.
 */
async function write(
  deps: ScimWriteDeps,
  scimUserId: string | undefined,
  ifMatch: number | undefined,
  wanted: Wanted,
): Promise<ScimUser | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = scimUserId === undefined ? undefined : await deps.scimUsers.find(scimUserId);
    if (scimUserId !== undefined && before === undefined) throw new DomainError('notFound', 'no such user');
    if (ifMatch !== undefined && before?.version !== ifMatch) {
      throw new DomainError('scimVersionDiffers', 'the user has another version by now');
    }
    const plan = planOf(deps, before, wanted(before?.attributes));
    await assertNamesFree(deps, plan);
    const person = await personOf(deps, plan);
    const toldAt = await follow(deps, plan, person);
    if (toldAt === plan.toldAt && isUnchanged(plan, person)) return before;
    const after = afterOf(plan, person, toldAt);
    const waits = person.kind === 'nobody' && !plan.isActive;
    const outcome = await deps.scimUsers.write({ at: plan.at, before, after }, waits);
    if (outcome === 'written') return after;
    if (outcome === 'userNameTaken' || outcome === 'aliasTaken') throw taken(outcome);
  }
  throw new DomainError('tryAgain', 'the user is being changed by others; send it again', {
    retryAfterSeconds: 2,
  });
}

const taken = (what: 'userNameTaken' | 'aliasTaken'): DomainError =>
  new DomainError(
    'scimUniqueness',
    what === 'userNameTaken'
      ? 'another user has this userName'
      : 'another user has the name by which this portal knows people',
  );

/** What is to be written, and whom it may concern. */
interface Plan {
  readonly scimUserId: string;
  readonly at: number;
  readonly before: ScimUser | undefined;
  /** Undefined for a user who goes. */
  readonly wanted: ScimAttributes | undefined;
  readonly alias: Alias;
  /** Of before and after. */
  readonly names: readonly Alias[];
  readonly namesBefore: readonly Alias[];
  readonly isActive: boolean;
  readonly wasActive: boolean | undefined;
  readonly saysActive: boolean;
  readonly toldAt: number;
}

function planOf(deps: ScimWriteDeps, before: ScimUser | undefined, patched: ScimPatched | undefined): Plan {
  const kind = deps.scimAliasKind;
  if (kind === undefined) throw new DomainError('sourceNotConfigured', 'the source scim is not configured');
  const at = deps.clock.now();
  const wanted = patched?.attributes;
  // A user without such a name is still the one who had it.
  const alias = (wanted && keyAliasOf(wanted, kind)) ?? before?.alias;
  if (alias === undefined) {
    throw new DomainError('scimInvalidValue', `this portal knows people by ${kind}, and the user has none`);
  }
  const kinds = deps.requiredAliasKinds;
  const namesBefore = before === undefined ? [] : aliasesOf(before.attributes, before.alias, kinds);
  return {
    scimUserId: before?.scimUserId ?? datedIdFrom(at, deps.random(DATED_ID_RANDOM_OCTETS)),
    at,
    before,
    wanted,
    alias,
    names: distinct([...(wanted === undefined ? [] : aliasesOf(wanted, alias, kinds)), ...namesBefore]),
    namesBefore,
    isActive: wanted?.active ?? false,
    wasActive: before?.attributes.active,
    saysActive: patched?.saysActive ?? true,
    toldAt: before?.toldAt ?? 0,
  };
}

/** Told before anything follows; the store has the last word. */
async function assertNamesFree({ scimUsers }: ScimWriteDeps, plan: Plan): Promise<void> {
  const { before, wanted, alias, scimUserId } = plan;
  if (wanted === undefined) return;
  if (before?.attributes.userName !== wanted.userName) {
    const other = await scimUsers.findByUserName(wanted.userName);
    if (other !== undefined && other.scimUserId !== scimUserId) throw taken('userNameTaken');
  }
  if (before === undefined || !isSameAlias(before.alias, alias)) {
    const use = await scimUsers.findAliasUse(alias);
    if (use !== undefined && use.deletedAt === undefined && use.scimUserId !== scimUserId)
      throw taken('aliasTaken');
  }
}

async function personOf(deps: ScimWriteDeps, plan: Plan): Promise<ScimPerson> {
  const { people } = deps;
  const { names, alias, before } = plan;
  const owners = await Promise.all(names.map((name) => people.findAliasOwner(name)));
  const key = owners[names.findIndex((name) => isSameAlias(name, alias))];
  const person = scimPersonOf(
    owners.flatMap((owner) => owner?.personId ?? []),
    before?.personId,
    { owner: key?.personId, isHeld: key?.heldByIncidentId !== undefined },
  );
  if (person.kind === 'person') {
    const { personId } = person;
    const isAnothers = personId !== before?.personId && (await hasOtherUser(deps, plan, personId));
    return isAnothers ? { kind: 'contested', personIds: [personId] } : person;
  }
  // A name that can be taken for somebody's may be hers, written by another hand.
  const lookalikeOwner = person.kind === 'nobody' ? await findLookalikeOwner(people, alias) : undefined;
  return lookalikeOwner === undefined ? person : { kind: 'contested', personIds: [lookalikeOwner] };
}

/**
 * Whether the directory knows a person by another user, of another id of its own: a new colleague who was given her
 * former address is not she.
 */
async function hasOtherUser(
  { people, scimUsers }: ScimWriteDeps,
  { scimUserId, alias, wanted }: Plan,
  personId: PersonId,
): Promise<boolean> {
  const aliases = (await people.find(personId))?.aliases ?? [];
  const others = aliases.filter((one) => one.kind === alias.kind && !isSameAlias(one, alias));
  const uses = await Promise.all(others.map((one) => scimUsers.findAliasUse(one)));
  return uses.some(
    (use) =>
      use !== undefined &&
      use.deletedAt === undefined &&
      use.scimUserId !== scimUserId &&
      (use.externalId === undefined || use.externalId !== wanted?.externalId),
  );
}

/** @returns the time of the event that was told, or of the last one */
async function follow(deps: ScimWriteDeps, plan: Plan, person: ScimPerson): Promise<number> {
  const event = await eventOf(deps, plan, person);
  if (person.kind === 'contested') {
    if (event !== undefined || areNamesNew(plan)) await reviewAlias(deps, plan.alias, person.personIds);
    return event === undefined ? plan.toldAt : tellOfReview(deps, { ...plan, ...event });
  }
  if (person.kind === 'nobody') return plan.toldAt;
  const toldAt =
    event === undefined
      ? plan.toldAt
      : await tellOfPerson(deps, { ...plan, ...event, personId: person.personId });
  if (plan.isActive && plan.wanted !== undefined) {
    await addAliases(deps, person.personId, aliasesOf(plan.wanted, plan.alias, deps.requiredAliasKinds));
  }
  return toldAt;
}

/** Whether the directory gives her a name that she did not have. */
const areNamesNew = ({ before, namesBefore, names }: Plan): boolean =>
  before === undefined || names.some((name) => !namesBefore.some((one) => isSameAlias(one, name)));

/** What the write says of the person, if anything. */
async function eventOf(
  deps: ScimWriteDeps,
  plan: Plan,
  person: ScimPerson,
): Promise<{ kind: ScimDenialKind | 'returned' } | undefined> {
  const { wanted, wasActive, isActive, saysActive, before } = plan;
  if (!isActive) {
    // A suspension becomes what it is when the user goes.
    const kind = wanted === undefined ? 'left' : deps.scimDeactivation;
    const isMore = wanted === undefined && deps.scimDeactivation === 'suspended';
    // Whoever died after a return left her let in; an administrator's word is not undone by saying the same again.
    const isSaid = wasActive === false && !isMore && !(await wasReturnTold(deps, plan));
    return isSaid ? undefined : { kind };
  }
  if (before === undefined) return (await isReturn(deps, plan, person)) ? { kind: 'returned' } : undefined;
  if (wasActive === false) return { kind: 'returned' };
  // Whoever died after a denial left it behind; what the directory says now counts.
  const isLeftBehind =
    saysActive && person.kind === 'person' && (await hasDenial(deps, person.personId, undefined));
  return isLeftBehind ? { kind: 'returned' } : undefined;
}

/**
 * Whether a new user is a former one who is back: only by the directory's own id. A namesake is another person, and
 * somebody has to say so.
 */
async function isReturn(deps: ScimWriteDeps, plan: Plan, person: ScimPerson): Promise<boolean> {
  if (person.kind !== 'person' || !(await hasDenial(deps, person.personId, undefined))) return false;
  const use = await deps.scimUsers.findAliasUse(plan.alias);
  if (use?.externalId !== undefined && use.externalId === plan.wanted?.externalId) return true;
  await reviewAlias(deps, plan.alias, [person.personId]);
  return false;
}

function isUnchanged({ before, wanted, alias }: Plan, person: ScimPerson): boolean {
  if (before === undefined || wanted === undefined) return false;
  return (
    isSameAlias(before.alias, alias) &&
    (person.kind !== 'person' || person.personId === before.personId) &&
    JSON.stringify(inOrder(before.attributes)) === JSON.stringify(inOrder(wanted))
  );
}

const inOrder = ({ name, emails, ...texts }: ScimAttributes): unknown => [
  Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)),
  Object.entries(name).sort(([a], [b]) => (a < b ? -1 : 1)),
  emails.map(({ value, type, primary }) => [value, type, primary ?? false]),
];

function afterOf(plan: Plan, person: ScimPerson, toldAt: number): ScimUser | undefined {
  const { before, wanted, scimUserId, alias, at } = plan;
  if (wanted === undefined) return undefined;
  const personId = person.kind === 'person' ? person.personId : before?.personId;
  return {
    scimUserId,
    attributes: wanted,
    alias,
    ...(personId === undefined ? {} : { personId }),
    version: (before?.version ?? 0) + 1,
    createdAt: before?.createdAt ?? at,
    lastModifiedAt: at,
    toldAt,
  };
}

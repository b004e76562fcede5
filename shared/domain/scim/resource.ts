import { DomainError } from '../errors.ts';
import { ENTERPRISE_SCHEMA, TEXT_ATTRIBUTES, type ScimAttributes } from './attributes.ts';
import type { ScimPatched } from './patch.ts';
import { activeFrom, checked, emailsFrom, fieldsOf, nameFrom, textFrom } from './read.ts';

/**
 * A user as POST and PUT send it whole (RFC 7644 sections 3.3 and 3.5.1). What it leaves out is not kept, but for
 * `active`: nobody comes or goes because a directory did not say.
 *
 * @param before the user that is replaced
 * @throws DomainError scimInvalidSyntax, scimInvalidValue
 */
export function attributesFrom(body: unknown, before?: ScimAttributes): ScimPatched {
  const fields = fieldsOf(body, 'the body');
  const extension = fields.get(ENTERPRISE_SCHEMA.toLowerCase());
  const enterprise = extension === undefined ? undefined : fieldsOf(extension, 'the enterprise extension');
  const texts = TEXT_ATTRIBUTES.flatMap((attribute) => {
    const lower = attribute.toLowerCase();
    const given =
      attribute === 'employeeNumber'
        ? (enterprise?.get(lower) ?? fields.get(`${ENTERPRISE_SCHEMA.toLowerCase()}:${lower}`))
        : fields.get(lower);
    const text = given === undefined ? undefined : textFrom(given, attribute);
    return text === undefined ? [] : [[attribute, text] as const];
  });
  const { userName, ...others }: Partial<Record<(typeof TEXT_ATTRIBUTES)[number], string>> =
    Object.fromEntries(texts);
  if (userName === undefined) throw new DomainError('scimInvalidValue', 'a user has a userName');
  const [name, emails, active] = [fields.get('name'), fields.get('emails'), fields.get('active')];
  const attributes: ScimAttributes = {
    userName,
    ...others,
    name: name === undefined ? {} : nameFrom(name),
    emails: emails === undefined ? [] : emailsFrom(emails),
    active: active === undefined ? (before?.active ?? true) : activeFrom(active),
  };
  return { attributes: checked(attributes), saysActive: active !== undefined || before === undefined };
}

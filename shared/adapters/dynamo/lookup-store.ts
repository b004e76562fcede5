import type { LookupStore } from '../../ports/directory-lookup.ts';
import { ItemReader } from './item.ts';
import { lookupAnswerKey } from './keys.ts';
import { getItem, type DynamoTable } from './table.ts';
import { putIf } from './writes.ts';

/** What vendors' directories said last, in DynamoDB. */
export const dynamoLookupStore = (table: DynamoTable): LookupStore => ({
  async findLastAnswer(source, directoryId) {
    const item = await getItem(table, lookupAnswerKey(source, directoryId));
    if (item === undefined) return undefined;
    const reader = new ItemReader(item);
    return {
      answerSha256Hex: reader.text('answerSha256Hex'),
      askedAt: reader.whole('askedAt'),
      ...reader.optional('incidentId', (name) => reader.text(name)),
    };
  },
  async keepLastAnswer(source, directoryId, answer) {
    await putIf(
      table,
      { ...lookupAnswerKey(source, directoryId), ...answer },
      {
        if: 'attribute_not_exists(pk) OR #askedAt <= :askedAt',
        names: ['askedAt'],
        values: { askedAt: answer.askedAt },
      },
    );
  },
});

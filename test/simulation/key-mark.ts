/** What a key that the portal made says of itself, so that it is found wherever it should not be. */
export const KEY_MARK = 'U0lNVUxBVEVEUFJJVkFURUtFWQ==';

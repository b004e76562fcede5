import Sequencer from '@jest/test-sequencer';

/** What starts a whole portal goes first: begun last, it would be waited for alone. */
const LONGEST_FIRST = [
  'test/integration/',
  'test/contract/',
  'test/conformance/',
  'test/architecture/',
  'test/unit/',
];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => LONGEST_FIRST.findIndex((folder) => path.includes(folder));
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}

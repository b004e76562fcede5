import { parseDemoOptions, USAGE, type DemoOptions } from './demo/options.ts';
import { screen } from './demo/presentation.ts';
import { runDemo } from './demo/run.ts';

const INTERRUPTED = 130;

async function main(): Promise<number> {
  let options: DemoOptions;
  try {
    options = parseDemoOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  // With --json the words for people go elsewhere, so that the one line is the last.
  const display = screen({ stream: options.json ? process.stderr : process.stdout });
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(INTERRUPTED);
      display.note('stopping; once more stops at once');
      interruption.abort();
    });
  }
  // Whoever reads may go away (`npm run demo | head`): what was started is stopped all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interruption.abort());
  try {
    const report = await runDemo(options, display, interruption.signal);
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    return report.ok ? 0 : 1;
  } catch (error) {
    if (interruption.signal.aborted) return INTERRUPTED;
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 1;
  }
}

process.exit(await main());

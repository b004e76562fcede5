import type * as z from 'zod';
import type { FaultyService } from './faults.ts';

/** An error as AWS answers it: the caller's fault by default. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

export interface CloudRequest {
  /** Lower-case names; repeated ones joined by commas. */
  readonly headers: Record<string, string>;
  readonly body: string;
  /** Of a service whose protocol is REST; the others post to the root. */
  readonly method?: string;
  readonly path?: string;
}

export interface CloudResponse {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

/** A whole service behind the EC2 query protocol. */
export type QueryHandler = (request: CloudRequest) => Promise<CloudResponse>;

/** One action of a JSON service: takes the parsed body, gives the answer's body. */
export type JsonAction = (input: unknown) => object | Promise<object>;

/** A service that speaks AWS JSON 1.0 or 1.1: POST with the action in `X-Amz-Target`. */
export interface JsonService {
  readonly name: Exclude<FaultyService, 'ec2' | 's3' | 'sns' | 'dynamodb'>;
  readonly targetPrefix: string;
  readonly contentType: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1';
  readonly actions: ReadonlyMap<string, JsonAction>;
}

/**
 * An action whose input has to have a shape. What the schema does not name is ignored.
 *
 * @param validationCode what the service calls input of another shape
 */
export const jsonAction =
  <Input>(
    schema: z.ZodType<Input>,
    handle: (input: Input) => object | Promise<object>,
    validationCode = 'ValidationException',
  ): JsonAction =>
  async (input) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return handle(parsed.data);
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new AwsError(
      validationCode,
      `${faults.length} validation error${faults.length === 1 ? '' : 's'} detected: ${faults.join('; ')}`,
    );
  };

/** Runs one call of a JSON service. */
export async function answerJson(
  service: JsonService,
  action: string,
  request: CloudRequest,
): Promise<CloudResponse> {
  try {
    const handle = service.actions.get(action);
    if (handle === undefined) {
      throw new AwsError('UnknownOperationException', `the stand-in for ${service.name} lacks ${action}`);
    }
    return jsonResponse(service, 200, await handle(parseJson(request.body)));
  } catch (error) {
    if (error instanceof AwsError) return jsonError(service, error);
    throw error;
  }
}

export function jsonError(
  service: Pick<JsonService, 'contentType'>,
  error: Pick<AwsError, 'code' | 'status' | 'message'>,
): CloudResponse {
  const response = jsonResponse(service, error.status, { __type: error.code, message: error.message });
  // SQS was a query service before: its SDKs read the old name of the code here.
  const fault = error.status < 500 ? 'Sender' : 'Receiver';
  return {
    ...response,
    headers: { ...response.headers, 'x-amzn-query-error': `${error.code};${fault}` },
  };
}

/** The XML that the EC2 query protocol answers errors with. */
export const queryError = (status: number, code: string, message: string): CloudResponse => ({
  status,
  headers: { 'content-type': 'text/xml;charset=UTF-8' },
  body:
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Response><Errors><Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>` +
    '</Error></Errors><RequestID>00000000-0000-4000-8000-000000000000</RequestID></Response>',
});

function jsonResponse(
  service: Pick<JsonService, 'contentType'>,
  status: number,
  body: object,
): CloudResponse & { headers: Record<string, string> } {
  return { status, headers: { 'content-type': service.contentType }, body: JSON.stringify(body) };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw new AwsError('SerializationException', 'the body is not JSON');
  }
}

const escapeXml = (text: string): string =>
  text.replace(/[<>&"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** One JSON request to a chat or paging service, with a time limit, and failures told apart by whether it may have had an effect. */
import { NightjarError } from '../errors.ts';

export interface JsonReply {
  status: number;
  headers: Headers;
  /** At most the first 64 KB. */
  text: string;
}

const MAX_REPLY = 64 * 1024;
/** Nothing was sent: the far side cannot have acted. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Posts and reads the reply. Redirects are refused, since they could carry the secret elsewhere.
 * @param service its name in errors; neither URL path, headers nor body ever appear there
 * @throws NightjarError NJ_UNREACHABLE when nothing was sent; NJ_TIMEOUT when no reply came and the request may have had its effect
 */
export async function postJson(
  service: string,
  url: string,
  body: unknown,
  options: { headers?: Record<string, string>; timeoutMs: number },
): Promise<JsonReply> {
  const host = new URL(url).host;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', ...options.headers },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    return { status: response.status, headers: response.headers, text: await readHead(response) };
  } catch (error) {
    const code = failureCode(error);
    if (NEVER_SENT.has(code)) {
      throw new NightjarError('NJ_UNREACHABLE', `cannot reach ${service} at ${host}: ${code}`, {
        hint: 'check the address and the network; delivery goes on by itself when it answers',
      });
    }
    throw new NightjarError('NJ_TIMEOUT', `${service} at ${host} gave no answer: ${code}`, {
      hint: 'it is tried again; the request may have arrived',
    });
  }
}

/** Milliseconds that a `Retry-After` header asks for (seconds or a date), between 1 s and 1 h; `otherwise` when there is none. */
export function retryAfterMs(headers: Headers, otherwise: number): number {
  const value = headers.get('retry-after')?.trim();
  if (!value) return otherwise;
  const wanted = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(wanted) ? Math.min(Math.max(wanted, 1_000), 3_600_000) : otherwise;
}

async function readHead(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_REPLY) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_REPLY);
}

function failureCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  if (error.name === 'TimeoutError') return 'time limit reached';
  const cause = error.cause as { code?: unknown; errors?: { code?: unknown }[]; message?: unknown } | undefined;
  const code = cause?.code ?? cause?.errors?.[0]?.code ?? cause?.message ?? error.name;
  return String(code);
}

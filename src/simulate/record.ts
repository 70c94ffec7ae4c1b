/** One call as a LiteLLM proxy logs it (StandardLoggingPayload). */
import type { Call, ChatMessage } from './fact.ts';

const PROVIDERS: readonly (readonly [RegExp, string, string])[] = [
  [/^claude/, 'anthropic', 'https://api.anthropic.com'],
  [/^mistral/, 'mistral', 'https://api.mistral.ai/v1'],
  [/^qwen/, 'hosted_vllm', 'http://gpu-01.prod.alderway.example:8000/v1'],
  [/./, 'openai', 'https://api.openai.com/v1'],
];

/** Provider of a model and the base address at which the gateway calls it. */
export function providerOf(model: string): { provider: string; base: string } {
  const [, provider, base] = PROVIDERS.find(([pattern]) => pattern.test(model)) as (typeof PROVIDERS)[number];
  return { provider, base };
}

/** List prices in USD per million tokens: input, output. */
const PRICES: Record<string, readonly [number, number]> = {
  'gpt-4o': [2.5, 10],
  'gpt-4o-mini': [0.15, 0.6],
  'gpt-4.1': [2, 8],
  'o3-pro': [20, 80],
  'claude-opus-4-1': [15, 75],
  'claude-sonnet-4-5': [3, 15],
  'mistral-large': [2, 6],
  'qwen3-coder': [0, 0],
};

const HOST = 'llm.alderway.example';

/** Price of one call in USD. */
export function cost(model: string, promptTokens: number, completionTokens: number): number {
  const [input, output] = PRICES[model] ?? [1, 3];
  return (promptTokens * input + completionTokens * output) / 1e6;
}

function metadata(call: Call, usage: object): object {
  const { caller, handling } = call;
  const own = {
    ...(caller.agent ? { agent_name: caller.agent.name, agent_version: caller.agent.version } : {}),
    ...(call.parent === undefined ? {} : { parent_session_id: call.parent }),
  };
  return {
    user_api_key_hash: caller.keyHash,
    user_api_key_alias: caller.keyAlias,
    user_api_key_spend: 0,
    user_api_key_max_budget: null,
    user_api_key_user_id: caller.userId,
    user_api_key_user_email: caller.email,
    user_api_key_team_id: caller.team === null ? null : `team-${caller.team}`,
    user_api_key_team_alias: caller.team,
    user_api_key_org_id: null,
    user_api_key_end_user_id: caller.endUser,
    user_api_key_request_route: handling.route ?? '/v1/chat/completions',
    spend_logs_metadata: null,
    requester_ip_address: caller.address,
    user_agent: caller.userAgent,
    requester_metadata: {
      ...own,
      headers: { host: HOST, 'user-agent': caller.userAgent, 'content-type': 'application/json' },
      used_client_oauth_token: false,
    },
    applied_guardrails: handling.unguarded || call.failure ? [] : [GUARDRAIL],
    mcp_tool_call_metadata: null,
    usage_object: usage,
    requester_custom_headers: {},
    user_api_key_auth_metadata: {},
  };
}

const GUARDRAIL = 'content-check';
const REDACTED = 'redacted-by-litellm';

const NO_ERROR = { error_code: '', error_class: '', llm_provider: '', traceback: '', error_message: '' };

/** The answer as the gateway logs it with message logging switched off. */
function silenced(reply: ChatMessage | undefined): object | undefined {
  return reply && { role: reply.role, content: REDACTED };
}

/** The record, with the fields in the gateway's order. */
export function toRecord(call: Call): Record<string, unknown> {
  const { provider, base } = providerOf(call.model);
  const { failure, caller, handling } = call;
  const usage = failure
    ? {}
    : {
        completion_tokens: call.completionTokens,
        prompt_tokens: call.promptTokens,
        total_tokens: call.promptTokens + call.completionTokens,
      };
  const denied = failure !== undefined && failure.code < 500 && failure.code !== 429 && failure.code !== 408;
  return {
    id: call.id,
    litellm_call_id: call.callId,
    trace_id: call.traceId,
    session_id: call.session,
    call_type: 'acompletion',
    cache_hit: null,
    stream: handling.stream ?? null,
    status: failure ? 'failure' : 'success',
    status_fields: {
      llm_api_status: failure ? 'failure' : 'success',
      guardrail_status: failure || handling.unguarded ? 'not_run' : 'success',
    },
    custom_llm_provider: denied ? null : provider,
    saved_cache_cost: 0,
    startTime: call.start / 1000,
    endTime: call.end / 1000,
    completionStartTime: call.end / 1000,
    response_time: (call.end - call.start) / 1000,
    model: denied ? call.model : `${provider}/${call.model}`,
    metadata: metadata(call, usage),
    cache_key: null,
    response_cost: failure ? 0 : cost(call.model, call.promptTokens, call.completionTokens),
    total_tokens: failure ? 0 : call.promptTokens + call.completionTokens,
    prompt_tokens: failure ? 0 : call.promptTokens,
    completion_tokens: failure ? 0 : call.completionTokens,
    request_tags: [`User-Agent: ${caller.userAgent.split('/')[0]}`, `User-Agent: ${caller.userAgent}`],
    end_user: caller.endUser,
    api_base: denied ? '' : base,
    model_group: call.model,
    model_id: handling.replica ?? 'gw-1',
    requester_ip_address: caller.address,
    user_agent: caller.userAgent,
    messages: handling.silent ? [{ role: 'user', content: REDACTED }] : call.messages,
    response: failure
      ? {}
      : {
          id: call.id,
          created: Math.floor(call.start / 1000),
          model: call.model,
          object: 'chat.completion',
          choices: [
            {
              finish_reason: call.reply?.tool_calls ? 'tool_calls' : 'stop',
              index: 0,
              message: handling.silent ? silenced(call.reply) : call.reply,
            },
          ],
          usage,
        },
    model_parameters: {
      stream: handling.stream ?? false,
      ...(caller.endUser ? { user: caller.endUser } : {}),
      ...(call.maxTokens === undefined ? {} : { max_tokens: call.maxTokens }),
      ...(call.tools.length > 0 ? { tools: call.tools } : {}),
    },
    hidden_params: { model_id: null, api_base: denied ? null : base, response_cost: null, additional_headers: null },
    model_map_information: { model_map_key: '', model_map_value: null },
    error_str: failure ? `${failure.code}: ${failure.message}` : null,
    error_information: failure
      ? {
          error_code: String(failure.code),
          error_class: failure.errorClass,
          llm_provider: denied ? '' : provider,
          traceback: '',
          error_message: failure.message,
        }
      : NO_ERROR,
    guardrail_information:
      failure || handling.unguarded
        ? null
        : [{ guardrail_name: GUARDRAIL, guardrail_mode: 'pre_call', guardrail_status: 'success', duration: 0.02 }],
  };
}

"""Calls of the real litellm package with mocked answers, logged by its generic_api logger.

Usage: litellm_calls.py json_array|ndjson|single. The endpoint and its headers come from GENERIC_LOGGER_ENDPOINT and
GENERIC_LOGGER_HEADERS. Prints the ids of the calls as JSON, in order.
"""
import asyncio
import json
import os
import sys

import litellm
from litellm.integrations.generic_api.generic_api_callback import GenericAPILogger

TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Weather of a city",
                                           "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}]
QUESTION = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Weather in Bern – now?"}]


async def calls():
    common = {"model": "gpt-4o-mini", "messages": QUESTION, "user": "end-user-7",
              "litellm_session_id": "session-9"}
    plain = await litellm.acompletion(**common, tools=TOOLS, mock_response="Snow, two degrees.")
    called = await litellm.acompletion(**common, tools=TOOLS, mock_response="", mock_tool_calls=[
        {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Bern"}'}}])
    stream = await litellm.acompletion(**common, stream=True, mock_response="Streamed answer of several words.")
    streamed = [chunk.id async for chunk in stream][-1]
    try:
        await litellm.acompletion(**common, mock_response="litellm.RateLimitError")
    except litellm.RateLimitError:
        pass
    return [plain.id, called.id, streamed]


def as_configured(log_format):
    """The logger as the proxy makes it of the callback_settings in its configuration."""
    name, value = os.environ["GENERIC_LOGGER_HEADERS"].split("=", 1)
    litellm.callback_settings = {"nightjar": {
        "callback_type": "generic_api", "endpoint": os.environ["GENERIC_LOGGER_ENDPOINT"], "headers": {name: value},
        "log_format": log_format, "max_retries": 5}}
    return litellm.logging_callback_manager.add_custom_callback_generic_api_str("nightjar")


async def main():
    log_format = sys.argv[1]
    if log_format == "json_array":
        # By name it does nothing in the bare package, only in the proxy: this is its class.
        logger = GenericAPILogger()
    else:
        logger = as_configured(log_format)
    litellm.callbacks = [logger]
    # Without it the record's session_id stays empty, and the session is in trace_id.
    litellm.request_correlation_in_logs = True
    ids = await calls()
    # The package logs in the background.
    for _ in range(100):
        if len(logger.log_queue) > len(ids):
            break
        await asyncio.sleep(0.1)
    await logger.flush_queue()
    print(json.dumps(ids))


asyncio.run(main())

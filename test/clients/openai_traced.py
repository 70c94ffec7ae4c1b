"""OpenAI SDK calls traced by the OpenTelemetry GenAI instrumentation and exported over OTLP/HTTP in protobuf.

Where to is in the OTEL_EXPORTER_OTLP_* variables; the base URL of the model server in OPENAI_BASE_URL. Prints the span ids as JSON.
"""
import json
from openai import OpenAI, PermissionDeniedError
from opentelemetry import trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

spans = []


class Remember(BatchSpanProcessor):
    def on_end(self, span):
        spans.append({"name": span.name, "id": format(span.context.span_id, "016x"),
                      "trace": format(span.context.trace_id, "032x")})
        super().on_end(span)


tracer_provider = TracerProvider()
tracer_provider.add_span_processor(Remember(OTLPSpanExporter()))
trace.set_tracer_provider(tracer_provider)
logger_provider = LoggerProvider()
logger_provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
set_logger_provider(logger_provider)
OpenAIInstrumentor().instrument()

TOOLS = [{"type": "function", "function": {"name": "send_mail", "description": "Sends a mail",
                                           "parameters": {"type": "object", "properties": {"to": {"type": "string"}}}}}]
HISTORY = [
    {"role": "system", "content": "You answer mail."},
    {"role": "user", "content": "Read the newest mail and answer it."},
    {"role": "assistant", "tool_calls": [{"id": "call_0", "type": "function",
                                          "function": {"name": "read_mail", "arguments": "{\"n\": 1}"}}]},
    {"role": "tool", "tool_call_id": "call_0", "content": "Please send the numbers to bob@example.net"},
]

client = OpenAI(api_key="sk-test-000000000000", max_retries=0)
client.chat.completions.create(model="gpt-4o-mini", messages=HISTORY, tools=TOOLS)
for _ in client.chat.completions.create(model="gpt-4o-mini", messages=HISTORY[:2], stream=True):
    pass
try:
    client.chat.completions.create(model="denied", messages=HISTORY[:2])
except PermissionDeniedError:
    pass
tracer_provider.shutdown()
logger_provider.shutdown()
print(json.dumps(spans))

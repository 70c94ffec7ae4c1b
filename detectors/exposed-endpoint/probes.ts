/** What scanners ask model servers for: paths that list or manage, by the product they belong to, and the names scanners call themselves. */
import { shortName } from '../../src/detect/parts/name.ts';
import { templateOf } from '../../src/detect/parts/template.ts';
import type { Observation } from '../../src/model/observation.ts';

const PATHS: Readonly<Record<string, readonly string[]>> = {
  openai: ['/v1/models', '/models', '/v1/engines', '/v1/files', '/v1/assistants'],
  ollama: ['/api/tags', '/api/ps', '/api/version', '/api/show'],
  litellm: [
    '/model/info',
    '/v1/model/info',
    '/model_group/info',
    '/key/list',
    '/key/info',
    '/user/list',
    '/user/info',
    '/team/list',
    '/spend/logs',
    '/get/config/callbacks',
    '/config/yaml',
    '/routes',
  ],
  metrics: ['/metrics', '/actuator/prometheus'],
  'vllm and sglang': ['/version', '/server_info', '/get_server_info', '/get_model_info'],
  'text-generation': ['/info', '/props', '/slots', '/v1/internal/model/info', '/api/v1/model'],
  'lm-studio': ['/api/v0/models'],
  'open-webui': ['/api/config', '/api/v1/auths', '/api/v1/users'],
  image: ['/sdapi/v1/sd-models', '/system_stats', '/object_info'],
  gradio: ['/gradio_api/info', '/gradio_api/startup-events'],
  docs: ['/openapi.json', '/swagger.json', '/docs', '/redoc'],
  triton: ['/v2', '/v2/models', '/v2/repository/index'],
  ray: ['/api/jobs', '/api/cluster_status'],
  jupyter: ['/api/kernels', '/api/contents'],
  mlflow: ['/api/2.0/mlflow/experiments/search', '/ajax-api/2.0/mlflow/experiments/search'],
  secrets: ['/.env', '/.git/config', '/.aws/credentials', '/actuator/env', '/config.json', '/.openai', '/.anthropic'],
};

/** Paths that change what a server holds or who may use it. */
const CHANGES = new Set([
  '/api/pull',
  '/api/push',
  '/api/create',
  '/api/copy',
  '/api/delete',
  '/key/generate',
  '/key/update',
  '/key/delete',
  '/model/new',
  '/model/update',
  '/model/delete',
  '/config/update',
  '/user/new',
  '/team/new',
]);

const PRODUCT = new Map(Object.entries(PATHS).flatMap(([product, paths]) => paths.map((path) => [path, product])));

const SCANNERS =
  /^(?:zgrab|masscan|nuclei|censysinspect|censys|l9explore|l9scan|leakix|shodan|internetmeasurement|expanse|nmap|gobuster|ffuf|fuzz|dirbuster|dirb|feroxbuster|nikto|sqlmap|wpscan|wfuzz|katana|modat|odin|netcraft|onyphe|paloalto|greynoise|cortex-xpanse|httpx|xray|acunetix|nessus|openvas|qualys)\b/;

/** The product whose listing this path is; undefined for any other path. */
export function probeOf(route: string | undefined): string | undefined {
  return route === undefined ? undefined : PRODUCT.get(clean(route));
}

/** A path that changes the server. */
export function isChange(route: string | undefined): boolean {
  return route !== undefined && CHANGES.has(clean(route));
}

export function isScanner(client: string | undefined): boolean {
  return client !== undefined && SCANNERS.test(client);
}

/** Refused or not there; a rate limit is neither. */
export function isTurnedAway({ httpStatus, status }: Observation): boolean {
  if (httpStatus === undefined) return status === 'denied';
  return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 429;
}

/** Ids in a path are left out: one call for many objects is no search. */
export function pathOf(route: string | undefined): string {
  return shortName(templateOf(clean(route ?? '/')), 60);
}

function clean(route: string): string {
  return route.length > 1 ? route.toLowerCase().replace(/\/+$/, '') || '/' : route;
}

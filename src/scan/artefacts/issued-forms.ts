/** Forms in which services issue keys and tokens, as their own documentation gives them. Data; a form begins with its prefix. */

export interface Form {
  type: string;
  /** What every key of the form begins with; at least three characters. */
  prefix: string;
  /** What follows the prefix, up to its end. Bounded, and linear: one class of characters after another. */
  rest: RegExp;
}

const LIST: [type: string, prefixes: string, rest: string][] = [
  // Clouds
  ['aws-access-key', 'AKIA ASIA ABIA ACCA', '[A-Z2-7]{16}'],
  ['aws-bedrock-key', 'ABSK', '[A-Za-z0-9+/]{60,280}={0,2}'],
  ['google-api-key', 'AIza', '[\\w-]{35}'],
  ['google-oauth-secret', 'GOCSPX-', '[\\w-]{28}'],
  ['google-oauth-token', 'ya29.', '[\\w-]{20,400}'],
  ['alibaba-access-key', 'LTAI', '[A-Za-z0-9]{12,26}'],
  ['digitalocean-token', 'dop_v1_ doo_v1_ dor_v1_', '[a-f0-9]{64}'],
  ['heroku-key', 'HRKU-', '[\\w-]{36,64}'],
  ['fly-token', 'fo1_ fm1a_ fm1r_ fm2_', '[\\w+/-]{40,900}={0,3}'],
  ['scaleway-key', 'SCW', '[A-Z0-9]{17}'],
  ['scalingo-token', 'tk-us-', '[\\w-]{48}'],
  ['yandex-key', 'AQVN', '[\\w-]{35,40}'],
  ['yandex-token', 't1.', '[A-Z0-9a-z_-]{5,300}={0,2}\\.[\\w-]{60,100}={0,2}'],
  ['openshift-token', 'sha256~', '[\\w-]{43}'],
  ['netlify-token', 'nfp_', '[A-Za-z0-9]{36,40}'],
  ['vercel-token', 'vcp_ vci_ vca_ vcr_ vck_', '[A-Za-z0-9]{24,64}'],
  ['tailscale-key', 'tskey-', '[a-z]{2,12}-[\\w-]{20,80}'],
  ['planetscale-token', 'pscale_pw_ pscale_tkn_ pscale_oauth_', '[\\w=.-]{32,64}'],
  ['supabase-token', 'sbp_', '[a-f0-9]{40}'],
  ['supabase-secret', 'sb_secret_', '[\\w-]{20,60}'],
  ['databricks-token', 'dapi dkea dose', '[a-f0-9]{32}(?:-\\d)?'],
  ['aiven-token', 'AVNS_', '[\\w-]{15,40}'],
  // Code and packages
  ['github-token', 'ghp_ gho_ ghu_ ghs_ ghr_', '[A-Za-z0-9]{36,251}'],
  ['github-token', 'github_pat_', '\\w{22,255}'],
  ['gitlab-token', 'glpat- gldt- glrt- glft- glsoat- glimt- glagent- glffct- glrtr- glcbt- glptt-', '[\\w.-]{20,300}'],
  ['gitlab-token', 'GR1348941', '[\\w-]{20}'],
  ['gitlab-session', '_gitlab_session=', '[a-z0-9]{32}'],
  ['npm-token', 'npm_', '[A-Za-z0-9]{36}'],
  ['pypi-token', 'pypi-', '[\\w-]{50,1000}'],
  ['rubygems-key', 'rubygems_', '[a-f0-9]{48}'],
  ['nuget-key', 'oy2', '[a-z0-9]{43}'],
  ['clojars-token', 'CLOJARS_', '[A-Za-z0-9]{60}'],
  ['crates-token', 'cio', '[A-Za-z0-9]{32}'],
  ['docker-token', 'dckr_pat_ dckr_oat_', '[\\w-]{27,40}'],
  ['artifactory-key', 'AKCp', '[A-Za-z0-9]{69,80}'],
  ['artifactory-token', 'cmVmd', '[A-Za-z0-9]{59,70}'],
  ['circleci-token', 'CCIPAT_ CCIPRJ_', '\\w{30,90}'],
  ['buildkite-token', 'bkua_ bkct_', '[a-z0-9]{40}'],
  ['sonar-token', 'sqp_ squ_ sqa_', '[a-f0-9]{40}'],
  ['sourcegraph-token', 'sgp_', '(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}'],
  ['snyk-token', 'snyk_uat. snyk_sat.', '[\\w.-]{20,200}'],
  ['prefect-key', 'pnu_ pnb_', '[a-zA-Z0-9]{36}'],
  ['pulumi-token', 'pul-', '[a-f0-9]{40}'],
  ['postman-key', 'PMAK-', '[a-f0-9]{24}-[a-f0-9]{34}'],
  ['readme-key', 'rdme_', '[a-z0-9]{70}'],
  ['harness-token', 'pat. sat.', '[\\w-]{22}\\.[A-Za-z0-9]{24}\\.[A-Za-z0-9]{20}'],
  ['octopus-key', 'API-', '[A-Z0-9]{26}'],
  ['infracost-key', 'ico-', '[A-Za-z0-9]{32}'],
  // Vaults and identity
  ['vault-token', 'hvs. hvb.', '[\\w-]{24,300}'],
  ['vault-token', 's.', '[A-Za-z0-9]{24}'],
  ['onepassword-token', 'ops_eyJ', '[A-Za-z0-9+/]{100,2000}={0,3}'],
  [
    'onepassword-key',
    'A3-',
    '[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}',
  ],
  ['doppler-token', 'dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.', '[\\w.-]{40,80}'],
  ['age-key', 'AGE-SECRET-KEY-1', '[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}'],
  ['adobe-secret', 'p8e-', '[A-Za-z0-9]{32}'],
  // Models
  ['anthropic-key', 'sk-ant-', '[a-z]{3,8}\\d{2}-[\\w-]{80,120}'],
  ['openai-key', 'sk-proj- sk-svcacct- sk-admin- sk-None-', '[\\w-]{20,200}'],
  ['openrouter-key', 'sk-or-v1-', '[a-f0-9]{64}'],
  ['llm-key', 'sk-', '[\\w-]{16,200}'],
  ['langfuse-key', 'sk-lf- pk-lf-', '[a-f0-9-]{36}'],
  ['groq-key', 'gsk_', '[A-Za-z0-9]{40,60}'],
  ['xai-key', 'xai-', '[A-Za-z0-9]{60,90}'],
  ['perplexity-key', 'pplx-', '[A-Za-z0-9]{40,64}'],
  ['replicate-token', 'r8_', '[A-Za-z0-9]{37}'],
  ['huggingface-token', 'hf_', '[A-Za-z]{30,40}'],
  ['huggingface-token', 'api_org_', '[A-Za-z]{30,40}'],
  ['nvidia-key', 'nvapi-', '[\\w-]{60,80}'],
  ['pinecone-key', 'pcsk_', '\\w{50,90}'],
  ['langsmith-key', 'lsv2_pt_ lsv2_sk_', '[a-f0-9]{32}_[a-f0-9]{10}'],
  ['tavily-key', 'tvly-', '[\\w-]{28,60}'],
  ['cerebras-key', 'csk-', '[a-z0-9]{40,60}'],
  ['fireworks-key', 'fw_', '[A-Za-z0-9]{22,32}'],
  ['together-key', 'tgp_v1_', '[\\w-]{40,60}'],
  ['e2b-key', 'e2b_', '[a-f0-9]{40}'],
  // Chat and mail
  ['slack-token', 'xoxb- xoxa- xoxp- xoxr- xoxs- xoxo- xoxe- xoxe.xox', '[\\w.-]{16,300}'],
  ['slack-token', 'xapp-', '\\d-[A-Za-z0-9-]{20,200}'],
  ['slack-webhook', 'hooks.slack.com/', '(?:services|workflows|triggers)/[\\w+/-]{40,64}'],
  ['discord-webhook', 'discord.com/api/webhooks/', '\\d{17,20}/[\\w-]{60,80}'],
  ['teams-webhook', 'webhook.office.com/webhookb2/', '[\\w@-]{36,80}/IncomingWebhook/[a-z0-9]{32}/[\\w-]{36}'],
  ['sendgrid-key', 'SG.', '[\\w=-]{16,32}\\.[\\w=-]{32,64}|[\\w=.-]{66}'],
  ['sendinblue-key', 'xkeysib- xsmtpsib-', '[a-f0-9]{64}-[A-Za-z0-9]{16}'],
  ['mailgun-key', 'key- pubkey-', '[a-f0-9]{32}'],
  ['intercom-token', 'dG9r', '[A-Za-z0-9+/]{52,60}={0,2}'],
  ['frameio-token', 'fio-u-', '[\\w=-]{64}'],
  ['typeform-token', 'tfp_', '[\\w.=-]{59}'],
  ['figma-token', 'figd_ figu_', '[\\w-]{38,60}'],
  // Trade
  ['stripe-key', 'sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_', '[A-Za-z0-9]{10,99}'],
  ['webhook-secret', 'whsec_', '[A-Za-z0-9+/]{24,64}={0,2}'],
  ['shopify-token', 'shpat_ shpca_ shppa_ shpss_', '[a-fA-F0-9]{32}'],
  ['square-token', 'sq0atp- sq0csp- sq0idp-', '[\\w-]{22,60}'],
  ['square-token', 'EAAA', '[\\w+=-]{22,90}'],
  ['shippo-token', 'shippo_live_ shippo_test_', '[a-fA-F0-9]{40}'],
  ['easypost-token', 'EZAK EZTK', '[A-Za-z0-9]{54}'],
  ['duffel-token', 'duffel_live_ duffel_test_', '[\\w=-]{43}'],
  ['flutterwave-key', 'FLWSECK FLWPUBK', '(?:_TEST|_LIVE)?-[A-Za-z0-9-]{12,40}'],
  ['lob-key', 'live_ test_', '(?:pub_)?[a-f0-9]{31,35}'],
  ['plaid-token', 'access-sandbox- access-development- access-production-', '[a-f0-9-]{36}'],
  ['razorpay-key', 'rzp_live_ rzp_test_', '[A-Za-z0-9]{14,24}'],
  ['settlemint-token', 'sm_pat_ sm_sat_ sm_aat_', '[A-Za-z0-9]{16,40}'],
  // Watching and making
  ['grafana-token', 'glc_', '[A-Za-z0-9+/]{32,400}={0,3}'],
  ['grafana-token', 'glsa_', '[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}'],
  ['newrelic-key', 'NRAK- NRII- NRIQ- NRRA- NRJS- NRAA-', '[A-Za-z0-9-]{19,48}'],
  ['dynatrace-token', 'dt0c01. dt0s01. dt0s16.', '[A-Z0-9a-z]{24}\\.[A-Za-z0-9]{64}'],
  ['sentry-token', 'sntrys_ sntryu_', '[A-Za-z0-9+/=_]{40,400}'],
  ['linear-key', 'lin_api_ lin_oauth_', '[A-Za-z0-9]{32,64}'],
  ['notion-token', 'ntn_', '[A-Za-z0-9]{40,50}'],
  ['notion-token', 'secret_', '[A-Za-z0-9]{43}'],
  ['atlassian-token', 'ATATT3 ATCTT3 ATBB ATTA', '[\\w=-]{24,250}'],
  ['contentful-token', 'CFPAT-', '[\\w-]{40,50}'],
  ['hubspot-token', 'pat-na1- pat-na2- pat-eu1- pat-ap1-', '[a-f0-9-]{36}'],
  ['airtable-token', 'pat', '[A-Za-z0-9]{14}\\.[a-f0-9]{64}'],
  ['mapbox-token', 'pk.eyJ sk.eyJ tk.eyJ', '[\\w-]{40,200}\\.[\\w-]{20,30}'],
  ['facebook-token', 'EAAM EAAC EAAB EAAG', '[A-Za-z0-9]{60,300}'],
  ['twitter-token', 'AAAAAAAAAAAAAAAAAAAAA', '[\\w%]{50,120}'],
  ['twilio-key', 'SK', '[0-9a-f]{32}'],
  ['clickhouse-key', '4b1d', '[A-Za-z0-9]{38}'],
  ['cloudflare-origin-key', 'v1.0-', '[a-f0-9]{24}-[a-f0-9]{146}'],
  ['private-ai-key', 's-s4t2ud- s-s4t2af-', '[a-f0-9]{64}'],
];

/** Forms by the first two characters of their prefix, longer prefixes first. */
export const FORMS: ReadonlyMap<string, readonly Form[]> = index();

function index(): Map<string, Form[]> {
  const forms = LIST.flatMap(([type, prefixes, rest]) =>
    prefixes.split(' ').map((prefix) => ({ type, prefix, rest: new RegExp(`(?:${rest})(?![A-Za-z0-9])`, 'y') })),
  ).sort((a, b) => b.prefix.length - a.prefix.length);
  const byHead = new Map<string, Form[]>();
  for (const form of forms) {
    const head = form.prefix.slice(0, 2);
    byHead.set(head, [...(byHead.get(head) ?? []), form]);
  }
  return byHead;
}

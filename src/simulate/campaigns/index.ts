/** All types of campaigns. */
import { credentialSharing, deniedBurst, llmjacking } from './access.ts';
import { blindSpot } from './blind.ts';
import type { CampaignMaker } from './campaign.ts';
import { delegatedSpread } from './delegates.ts';
import { slowDrip } from './drip.ts';
import { newEgress } from './egress.ts';
import { exfiltrationPrompt } from './exfiltration.ts';
import { exposedEndpoint } from './exposure.ts';
import { toolFanOut } from './fan-out.ts';
import { impossibleTravel, sessionTheft, stolenIdentity } from './identity.ts';
import { indirectInjection } from './injection.ts';
import { dormantKey, leakedCredential, responseHarm, revokedCredential } from './keys.ts';
import { credentialChain, lateralMovement } from './lateral.ts';
import { crossSessionFlow } from './memory.ts';
import { permissionWidened } from './permission.ts';
import { toolPoisoning } from './poisoning.ts';
import { promptLeak } from './prompt-leak.ts';
import { runawayAgent } from './runaway.ts';

export const CAMPAIGNS: Record<string, CampaignMaker> = {
  'exfiltration-prompt': exfiltrationPrompt,
  'indirect-injection': indirectInjection,
  'cross-session-flow': crossSessionFlow,
  'tool-fan-out': toolFanOut,
  'delegated-spread': delegatedSpread,
  'lateral-movement': lateralMovement,
  'credential-chain': credentialChain,
  'denied-burst': deniedBurst,
  llmjacking,
  'credential-sharing': credentialSharing,
  'runaway-agent': runawayAgent,
  'exposed-endpoint': exposedEndpoint,
  'permission-widened': permissionWidened,
  'stolen-identity': stolenIdentity,
  'impossible-travel': impossibleTravel,
  'session-theft': sessionTheft,
  'tool-poisoning': toolPoisoning,
  'blind-spot': blindSpot,
  'new-egress': newEgress,
  'response-harm': responseHarm,
  'revoked-credential': revokedCredential,
  'leaked-credential': leakedCredential,
  'dormant-key': dormantKey,
  'slow-drip': slowDrip,
  'prompt-leak': promptLeak,
};

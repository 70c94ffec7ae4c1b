/** All types of campaigns. */
import { credentialSharing, deniedBurst, llmjacking } from './access.ts';
import type { CampaignMaker } from './campaign.ts';
import { exfiltrationPrompt } from './exfiltration.ts';
import { toolFanOut } from './fan-out.ts';
import { indirectInjection } from './injection.ts';
import { lateralMovement } from './lateral.ts';
import { runawayAgent } from './runaway.ts';

export const CAMPAIGNS: Record<string, CampaignMaker> = {
  'exfiltration-prompt': exfiltrationPrompt,
  'indirect-injection': indirectInjection,
  'tool-fan-out': toolFanOut,
  'lateral-movement': lateralMovement,
  'denied-burst': deniedBurst,
  llmjacking,
  'credential-sharing': credentialSharing,
  'runaway-agent': runawayAgent,
};

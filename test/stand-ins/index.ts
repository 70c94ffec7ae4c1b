/** The stand-ins in one place. */
export { type PagerdutyEvent, type PagerdutyStandIn, startPagerDutyStandIn } from './pagerduty.ts';
export { type Answer, type Misbehaviour, type RecordedRequest, type Recorder, startRecorder } from './recorder.ts';
export { type SlackMessage, type SlackStandIn, startSlackStandIn } from './slack.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { reachOf } from '../../src/detect/parts/reach.ts';
import { networkOf } from '../../src/scan/network.ts';

it('tells the own network from the internet, for every address that logs write', () => {
  const cases: [string, string][] = [
    ['10.1.2.3', 'inside'],
    ['172.16.0.1', 'inside'],
    ['172.31.255.1', 'inside'],
    ['172.32.0.1', 'outside'],
    ['192.168.1.1', 'inside'],
    ['192.169.1.1', 'outside'],
    ['127.0.0.1:5000', 'inside'],
    ['100.64.0.1', 'inside'],
    ['100.128.0.1', 'outside'],
    ['169.254.169.254', 'inside'],
    ['8.8.8.8', 'outside'],
    ['::1', 'inside'],
    ['fd12:3456:789a::1', 'inside'],
    ['fe80::1%eth0', 'inside'],
    ['2a02:8108::1', 'outside'],
    ['::ffff:10.0.0.1', 'inside'],
    ['::ffff:8.8.4.4', 'outside'],
  ];
  for (const [address, reach] of cases) {
    const network = networkOf(address.replace(/%.*$/, ''));
    assert.equal(reachOf(network === undefined ? {} : { network }), reach, `${address} ${network}`);
  }
});

it('takes a named network for the own one, and says when there is none', () => {
  assert.equal(reachOf({ network: 'office-berlin' }), 'inside');
  assert.equal(reachOf({}), 'unknown');
});

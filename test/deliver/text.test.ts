/** Text from logs is shown without hidden characters, working links or acting markup. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defang, escapeSlack, safeText, slackText, truncate, visible } from '../../src/deliver/text.ts';
import { anyText } from './sample.ts';

test('hidden, bidirectional and control characters are dropped, line breaks become a blank', () => {
  assert.equal(visible('a\u202eb\u2066c\u200bd\u0000e\u001b[31m\u{e0041}'), 'abcde[31m');
  assert.equal(visible('  one\r\ntwo\t three\u2028four '), 'one two three four');
  assert.equal(visible('lone \ud800 surrogate'), 'lone surrogate');
  assert.equal(visible('Grüße, 漢字, 🦉'), 'Grüße, 漢字, 🦉');
});

test('links, hosts, e-mails and addresses are broken but readable', () => {
  assert.equal(defang('see HTTPS://evil.example.com/a.php?x=1'), 'see hxxps://evil[.]example[.]com/a[.]php?x=1');
  assert.equal(defang('mail eve@example.net or ssh://h/x'), 'mail eve@example[.]net or ssh[:]//h/x');
  assert.equal(defang('from 192.0.2.10:443'), 'from 192[.]0[.]2[.]10:443');
  assert.equal(defang('evil。example．com'), 'evil[.]example[.]com');
});

test('numbers and sentences stay as they are', () => {
  assert.equal(defang('0.93 of 4.2 MB. It is well... and so on'), '0.93 of 4.2 MB. It is well... and so on');
});

test('Slack escapes and limits count the escaped form', () => {
  assert.equal(escapeSlack('<!channel> & <@U1>'), '&lt;!channel&gt; &amp; &lt;@U1&gt;');
  assert.equal(slackText('&&&&', 11), '&amp;&amp;…');
  assert.equal(truncate('ab🦉c', 4), 'ab…');
});

test('whatever comes in, what comes out is safe, within its limit, and stays as it is when made safe again', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 500 }), (text, max) => {
      const safe = safeText(text, max);
      assert.ok(safe.length <= max);
      assert.doesNotMatch(safe, /[\p{Cc}\p{Cf}\p{Cs}]/u);
      assert.doesNotMatch(safe, /https?:\/\//i);
      assert.doesNotMatch(safe, /[\p{L}\p{N}][.。．｡]\p{L}{2}/u);
      assert.equal(defang(defang(text)), defang(text));
      const slack = slackText(text, max);
      assert.ok(slack.length <= max);
      assert.doesNotMatch(slack, /[<>]|&(?!amp;|lt;|gt;)/);
    }),
  );
});

test('a hostile text of 64 KB takes no time', () => {
  for (const unit of ['1.', 'a.b', '://', 'http://', '\u202e ', '1.1.1.1.', '.aa']) {
    const text = unit.repeat(Math.ceil(65_536 / unit.length));
    const times = [1, 2, 3].map(() => {
      const start = performance.now();
      defang(visible(text));
      return performance.now() - start;
    });
    assert.ok(Math.min(...times) < 200, `${JSON.stringify(unit)} is slow`);
  }
});

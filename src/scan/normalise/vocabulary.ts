/** Common English words: what tells that a text reads as one after it was turned back. */

const WORDS = new Set(
  (
    'the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not what all were we when your ' +
    'can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has ' +
    'look two more write go see number no way could people my than first been call who its now find long down day did get come made may part over new ' +
    'after back only me our under any just through most should must need before where here know want please tell give take does also because without ' +
    'them her him user users ignore previous instruction instructions prompt prompts system reveal show print repeat output secret secrets password ' +
    'passwords key keys token tokens credential credentials api send email mail address data file files database customer customers account accounts ' +
    'record records private personal information internal confidential upload post message messages forward delete execute run command code script ' +
    'server admin disregard forget override bypass rules rule policy developer mode restrictions unrestricted pretend act role answer question list ' +
    'every everything following above below hidden initial original full entire content text document website link url http https encode decode base64 ' +
    'never always mention anyone request task new real important access security credit card number social phone name names history conversation memory ' +
    'tool tools function call transfer money bank payment attacker payload exfiltrate leak steal dump read write open fetch copy paste summarize translate'
  ).split(' '),
);

const LONGEST = 16;

export function isCommon(word: string): boolean {
  return WORDS.has(word);
}

/** Words cut out of letters that run on, the longest that fits first: `showmeyourkeys` gives `show me your keys`. */
export function segment(letters: string): string {
  const small = letters.toLowerCase();
  const parts: string[] = [];
  let loose = '';
  for (let i = 0; i < small.length; ) {
    let length = Math.min(LONGEST, small.length - i);
    while (length > 1 && !WORDS.has(small.slice(i, i + length))) length--;
    if (length === 1) loose += letters[i];
    else {
      if (loose) parts.push(loose);
      loose = '';
      parts.push(letters.slice(i, i + length));
    }
    i += length;
  }
  if (loose) parts.push(loose);
  return parts.join(' ');
}

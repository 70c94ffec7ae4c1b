/** National numbers of people, by their check digits. */
import au from 'stdnum/lib/cjs/au/tfn.js';
import br from 'stdnum/lib/cjs/br/cpf.js';
import ca from 'stdnum/lib/cjs/ca/sin.js';
import de from 'stdnum/lib/cjs/de/idnr.js';
import es from 'stdnum/lib/cjs/es/nif.js';
import fr from 'stdnum/lib/cjs/fr/nir.js';
import india from 'stdnum/lib/cjs/in/aadhaar.js';
import it from 'stdnum/lib/cjs/it/codicefiscale.js';
import nl from 'stdnum/lib/cjs/nl/bsn.js';
import pl from 'stdnum/lib/cjs/pl/pesel.js';
import se from 'stdnum/lib/cjs/se/personnummer.js';
import us from 'stdnum/lib/cjs/us/ssn.js';

const BY_COUNTRY = { au, br, ca, de, es, fr, in: india, it, nl, pl, se, us } as const;

/** @param country ISO 3166 code in small letters; unknown ones have no numbers. */
export function isNationalNumber(country: string, written: string): boolean {
  const numbers = (BY_COUNTRY as Record<string, { validate: (value: string) => { isValid: boolean } }>)[country];
  // A number that is none is told by an error, most of whose cost is the record of where it was made, which nobody reads.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return numbers?.validate(written.trim()).isValid ?? false;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

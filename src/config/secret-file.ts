/** A setting that names the file of a secret: no secret stands in a configuration. */
import { z } from 'zod';

export const secretFile = z.string().describe('path of a file that holds the secret; a trailing newline is ignored');

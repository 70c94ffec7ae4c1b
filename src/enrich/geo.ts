/**
 * Where addresses are: look-up in files of the MaxMind DB format (`.mmdb`), which the user brings. Their fields are read in the spellings
 * of GeoLite2 (`country.iso_code`, `location.latitude`, `autonomous_system_number`), ip-location-db (`country_code`, `latitude`) and IPinfo
 * (`country`, `asn`).
 */
import { readFileSync } from 'node:fs';
import { Reader } from 'mmdb-lib';
import { describeError, NightjarError } from '../errors.ts';
import type { Place } from '../model/event.ts';
import { type Address, parseAddress } from './address.ts';

/** Addresses come from the log: what is remembered of them is bounded. */
const MAX_REMEMBERED = 10_000;

type Fields = Record<string, unknown>;

/** One database file, or none. */
export class GeoTable {
  readonly #reader: Reader<never> | undefined;
  readonly #remembered = new Map<string, Place | undefined>();

  constructor(reader?: Reader<never>) {
    this.#reader = reader;
  }

  /** @param text an address as logged; undefined for what is none, and for what the file does not know. */
  find(text: string): Place | undefined {
    if (this.#reader === undefined) return undefined;
    if (this.#remembered.has(text)) return this.#remembered.get(text);
    const place = placeOf(this.#look(text));
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(text, place);
    return place;
  }

  #look(text: string): Fields | undefined {
    const address = parseAddress(text);
    const reader = this.#reader;
    // A tree of IPv4 addresses would take the first bits of an IPv6 address for one.
    if (address === undefined || reader === undefined || (address.width === 128 && reader.metadata.ipVersion === 4))
      return undefined;
    try {
      const found: unknown = reader.get(addressText(address));
      return isFields(found) ? found : undefined;
    } catch {
      // A damaged part of the file: this address is unknown, the others are not.
      return undefined;
    }
  }
}

/** Reads a database file whole. @throws NightjarError NJ_CONFIG. */
export function loadGeo(setting: string, file: string): { table: GeoTable; name: string } {
  let reader: Reader<never>;
  try {
    reader = new Reader<never>(readFileSync(file));
  } catch (error) {
    throw new NightjarError(
      'NJ_CONFIG',
      `${setting}: ${file} is no readable MaxMind DB file (.mmdb): ${describeError(error)}`,
      { cause: error },
    );
  }
  const { databaseType, buildEpoch } = reader.metadata;
  return { table: new GeoTable(reader), name: `${databaseType} of ${new Date(buildEpoch).toISOString().slice(0, 10)}` };
}

function addressText({ width, bits }: Address): string {
  if (width === 32) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  return (bits.toString(16).padStart(32, '0').match(/.{4}/g) ?? []).join(':');
}

function placeOf(fields: Fields | undefined): Place | undefined {
  if (fields === undefined) return undefined;
  const country = countryOf(fields);
  const asn = asnOf(fields);
  const { latitude, longitude } = isFields(fields.location) ? fields.location : fields;
  const place: Place = {};
  if (country !== undefined) place.country = country;
  if (asn !== undefined) place.asn = asn;
  if (isDegrees(latitude, 90) && isDegrees(longitude, 180)) place.at = [latitude, longitude];
  return Object.keys(place).length > 0 ? place : undefined;
}

function countryOf({ country, country_code }: Fields): string | undefined {
  const code = isFields(country) ? country.iso_code : (country_code ?? country);
  return typeof code === 'string' && /^[A-Z]{2}$/.test(code) ? code : undefined;
}

function asnOf({ autonomous_system_number, asn }: Fields): number | undefined {
  const number = autonomous_system_number ?? (typeof asn === 'string' ? Number(asn.replace(/^AS/i, '')) : asn);
  return typeof number === 'number' && Number.isInteger(number) && number > 0 ? number : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isDegrees(value: unknown, most: number): value is number {
  return typeof value === 'number' && Math.abs(value) <= most;
}

/** Distance between two places on the globe. */

const EARTH_RADIUS_KM = 6_371;

/** Great-circle distance in kilometres between two points, each latitude and longitude in degrees (haversine formula). */
export function distanceKm(a: readonly [number, number], b: readonly [number, number]): number {
  const [lat1, lon1, lat2, lon2] = [...a, ...b].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
    number,
  ];
  const h = Math.sin((lat2 - lat1) / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin((lon2 - lon1) / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

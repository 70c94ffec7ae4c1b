/** Writes small files in MaxMind DB format 2.0: a tree of 24-bit records over IPv4 or IPv6, and a data section of maps. */

type Value = string | number | { double: number } | { [key: string]: Value };

/** @param entries network and prefix as `192.0.2.0/24` in bits, and what is known of it. */
export function mmdb(ipVersion: 4 | 6, entries: readonly [bits: string, value: Value][]): Buffer {
  const nodes: [number | string, number | string][] = [['', '']];
  const data: Buffer[] = [];
  const places: number[] = [];
  let size = 0;
  for (const [, value] of entries) {
    const bytes = encode(value);
    places.push(size);
    data.push(bytes);
    size += bytes.length;
  }
  for (const [n, [bits]] of entries.entries()) {
    let at = 0;
    for (let i = 0; i < bits.length; i++) {
      const side = bits[i] === '1' ? 1 : 0;
      const node = nodes[at] as [number | string, number | string];
      if (i === bits.length - 1) node[side] = `data ${n}`;
      else if (typeof node[side] === 'number') at = node[side];
      else at = node[side] = nodes.push(['', '']) - 1;
    }
  }
  const tree = Buffer.alloc(nodes.length * 6);
  for (const [n, node] of nodes.entries())
    for (const side of [0, 1] as const) {
      const record = node[side];
      const value =
        typeof record === 'number'
          ? record
          : record === ''
            ? nodes.length
            : nodes.length + 16 + (places[Number(record.slice(5))] as number);
      tree.writeUIntBE(value, n * 6 + side * 3, 3);
    }
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_788_739_200,
    database_type: 'test',
    ip_version: ipVersion,
    node_count: nodes.length,
    record_size: 24,
  });
  return Buffer.concat([tree, Buffer.alloc(16), ...data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), metadata]);
}

/** `192.0.2.0/24` as the text of its bits. */
export function v4(range: string): string {
  const [address = '', prefix = '32'] = range.split('/');
  const bits = address.split('.').map((part) => Number(part).toString(2).padStart(8, '0'));
  return bits.join('').slice(0, Number(prefix));
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([head(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([head(6, 4), bytes]);
  }
  if (typeof value.double === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value.double);
    return Buffer.concat([head(3, 8), bytes]);
  }
  const entries = Object.entries(value);
  return Buffer.concat([head(7, entries.length), ...entries.flatMap(([key, one]) => [encode(key), encode(one)])]);
}

function head(type: number, size: number): Buffer {
  if (size >= 29) return Buffer.from([(type << 5) | 29, size - 29]);
  return Buffer.from([(type << 5) | size]);
}

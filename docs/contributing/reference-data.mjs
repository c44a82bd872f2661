// Writes the territories of France that the program embeds.
//
//   cd "$(mktemp -d)" && npm init -y && npm install @etalab/decoupage-administratif@6.0.0
//   node /path/to/emancipasso/docs/contributing/reference-data.mjs
//
// Reads ./node_modules/@etalab/decoupage-administratif and writes src/domain/territory/*.tsv of the
// repository this script belongs to. The files are sorted by code, byte by byte: the program looks
// codes up by binary search.

import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = 'node_modules/@etalab/decoupage-administratif'
const VERSION = '6.0.0'
const target = join(dirname(fileURLToPath(import.meta.url)), '../../src/domain/territory')

const found = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')).version
if (found !== VERSION) throw new Error(`expected version ${VERSION}, found ${found}`)

const read = name => JSON.parse(readFileSync(join(PACKAGE, 'data', `${name}.json`), 'utf8'))
const byCode = (a, b) => (a.code < b.code ? -1 : 1)
// The names of the source are typed with a straight apostrophe; people read these on screen.
const name = text => text.replaceAll("'", '’')
const write = (file, rows) =>
  writeFileSync(join(target, file), rows.map(row => row.join('\t') + '\n').join(''))

write('regions.tsv', read('regions').sort(byCode).map(r => [r.code, name(r.nom)]))

write('departements.tsv', read('departements').sort(byCode).map(d => [d.code, name(d.nom), d.region]))

// Former and delegated communes are left out: people live in a present commune.
write('communes.tsv', read('communes')
  .filter(c => c.type === 'commune-actuelle')
  .sort(byCode)
  .map(c => [c.code, name(c.nom), c.departement, (c.codesPostaux ?? []).join(' '), c.population ?? 0]))

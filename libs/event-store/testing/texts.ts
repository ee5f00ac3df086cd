import { describe, expect, it } from '@jest/globals';
import { anEvent, aCategory, aStream, aWrite, someEvents } from './fixtures.js';
import type { GetStore } from './index.js';

const JSON_TEXTS = {
  'the order of keys that look like numbers': '{"10":1,"9":2,"b":3,"a":4}',
  'a key twice': '{"a":1,"a":2}',
  'keys that mean something to JavaScript': '{"__proto__":{"x":1},"constructor":null,"toJSON":"no"}',
  'numbers beyond what a double holds': '[12345678901234567890,0.1000000000000000055511151231257827,1e400,-0]',
  'numbers as they were written': '[1.0,1e2,1E+2,100]',
  'white space': ' {\t"a" :\n[ 1 ,\r\n2 ] } ',
  'escapes as they were written': String.raw`"\u0041\/\u00e9\ud83d\ude00\u0000\u2028"`,
  'an escaped half of a surrogate pair': String.raw`{"half":"\ud83d"}`,
  'characters of any plane, unnormalised': '{"é":"e\u0301 ✓ 𝄞 \u202e \ufeff \ufffe \u2028 \u007f"}',
  'deep nesting': '['.repeat(500) + ']'.repeat(500),
  'a text alone': '"text"',
  'a number alone': '0',
  null: 'null',
  'an empty object': '{}',
  'canonical JSON': '{"a":[1,2.5,true],"b":{"c":null,"d":"ü"}}',
};

const NAMES = {
  'spaces and signs': ' /\\%2F?#&=+*"\'<>|:;,.',
  'characters of any plane': 'Ünïcödé ✓ 𝄞 e\u0301',
  'more hyphens': '-a--b-',
  'what is special in patterns': '.*[^$](x|y)\\d+',
  'a thousand characters': 'x'.repeat(1000),
};

/** Texts come back as they went in: what is hashed is what is stored. */
export function describeTexts(store: GetStore): void {
  describe('texts', () => {
    it.each(Object.entries(JSON_TEXTS))('keeps, in data and metadata, %s', async (_, text) => {
      const stream = aStream();
      const event = { ...anEvent(text), metadata: text };
      await store().append([aWrite(stream, 'none', [event])]);
      const [read] = await store().readStream(stream);
      expect(read).toMatchObject({ data: text, metadata: text });
      const [found] = await store().readAll({ categories: [stream.split('-', 1)[0]!], limit: 1 });
      expect(found).toEqual(read);
    });

    it('keeps each of many in one write', async () => {
      const stream = aStream();
      const events = Object.values(JSON_TEXTS).map(text => ({ ...anEvent(text), metadata: text }));
      await store().append([aWrite(stream, 'none', events)]);
      expect(await store().readStream(stream)).toMatchObject(events);
    });

    it.each(Object.entries(NAMES))('takes streams and types named with %s', async (_, name) => {
      const stream = `${aStream()}${name}`;
      const event = { ...anEvent(), type: `Type${name}` };
      await store().append([aWrite(stream, 'none', [event])]);
      expect(await store().readStream(stream)).toMatchObject([{ ...event, stream, revision: 0 }]);
      expect(await store().append([aWrite(stream, 'none', [event])])).toMatchObject([{ revision: 0 }]);
    });

    it('tells streams apart that differ in case, or in how a letter is composed', async () => {
      const stream = aStream();
      const alike = [`${stream}-é`, `${stream}-e\u0301`, `${stream}-É`];
      for (const name of alike) await store().append([aWrite(name, 'none', someEvents(1))]);
      for (const name of alike) expect(await store().readStream(name)).toMatchObject([{ stream: name }]);
    });

    it('takes what is special in patterns as it is, in categories', async () => {
      const category = `${aCategory()}.*`;
      const foreign = aStream(category.replace('.*', 'xx'));
      await store().append([aWrite(aStream(category), 'none', someEvents(1)), aWrite(foreign, 'none', someEvents(1))]);
      expect(await store().readAll({ categories: [category], limit: 10 })).toHaveLength(1);
    });
  });
}

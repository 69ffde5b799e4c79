// A plate's strokes: fetched in chunks, and the chunks last looked at kept.
import { unpack } from "./layer_unpack.js";

const MOST_CHUNKS = 12;

async function ask(url, signal) {
  const answer = await fetch(url, { signal });
  if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
  return answer;
}

/** The plate behind `url`; its layers count from 1. */
export async function openPlate(url, signal) {
  return new Plate(url, await (await ask(url, signal)).json());
}

class Plate {
  #chunks = new Map();
  #url;

  constructor(url, index) {
    this.#url = url;
    this.index = index;
    this.layers = index.z_mm.length;
  }

  /** The spans of lines in layer `number` and in the one below; asks for what lies round it and nothing else. */
  async look(number) {
    const near = [number - 1, number, number + 1].map((layer) => this.#firstOf(layer));
    for (const [first, { control, isDone }] of this.#chunks) {
      if (isDone || near.includes(first)) continue;
      control.abort();
      this.#chunks.delete(first);
    }
    const [below, here, above] = near.map((first) => this.#chunk(first));
    above.catch(() => {});
    const [lower, own] = await Promise.all([below, here]);
    return { spans: own.get(number) ?? [], below: lower.get(number - 1) ?? [] };
  }

  #firstOf(number) {
    const { chunks } = this.index;
    let [low, high] = [0, chunks.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (chunks[middle] <= number) low = middle;
      else high = middle - 1;
    }
    return chunks[low];
  }

  #chunk(first) {
    const kept = this.#chunks.get(first) ?? this.#fetched(first);
    // Put last again: the first of the map are those not looked at for longest.
    this.#chunks.delete(first);
    this.#chunks.set(first, kept);
    if (this.#chunks.size > MOST_CHUNKS) this.#chunks.delete(this.#chunks.keys().next().value);
    return kept.layers;
  }

  #fetched(first) {
    const kept = { control: new AbortController(), isDone: false };
    kept.layers = (async () => {
      try {
        const answer = await ask(`${this.#url}${first}/`, kept.control.signal);
        return unpack(await answer.arrayBuffer());
      } catch (error) {
        if (this.#chunks.get(first) === kept) this.#chunks.delete(first);
        throw error;
      } finally {
        kept.isDone = true;
      }
    })();
    return kept;
  }
}

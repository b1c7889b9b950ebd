// The pictures that are given to be changed: chosen, dropped, pasted, or ones that this server has made.

import { Mask } from "./mask.js";

const LARGEST = 50_000_000;
const THUMB = 192;
const BEFORE = 1024;

export class Inputs {
  // `most` says how many there may be, `changed` is called when there are others than before, `tell` with what is wrong.
  constructor({ most, changed, tell }) {
    this.items = [];
    this.most = most;
    this.changed = changed;
    this.tell = tell;
    this.list = document.querySelector("#thumbs");
    this.drop = document.querySelector("#drop");
    this.field = document.querySelector("#files");
    this.mask = new Mask(document.querySelector("#mask"), changed, tell);
    this.listen();
  }

  listen() {
    this.field.addEventListener("change", () => { this.add(this.field.files); this.field.value = ""; });
    for (const kind of ["dragenter", "dragover"]) {
      this.drop.addEventListener(kind, (event) => { event.preventDefault(); this.drop.classList.add("over"); });
    }
    this.drop.addEventListener("dragleave", (event) => {
      if (!this.drop.contains(event.relatedTarget)) this.drop.classList.remove("over");
    });
    this.drop.addEventListener("drop", (event) => {
      event.preventDefault();
      this.drop.classList.remove("over");
      this.add(event.dataTransfer.files);
    });
    document.addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files];
      if (files.length) { event.preventDefault(); this.add(files); }
    });
  }

  // Pictures take their time to be read: what is added meanwhile comes after them.
  queue(work) {
    this.last = (this.last ?? Promise.resolve()).then(work).then(() => this.show());
    return this.last;
  }

  add(files) {
    const given = [...files];
    return this.queue(async () => {
      for (const file of given) await this.addFile(file, file.name || "pasted.png");
    });
  }

  async addFile(file, name) {
    if (file.size > LARGEST) return this.tell(`${name} is larger than 50 MB.`);
    try {
      const source = await createImageBitmap(file);
      this.put({ name, blob: file, source, width: source.width, height: source.height });
    } catch {
      this.tell(`${name} is no picture that can be read.`);
    }
  }

  // One of the console's own examples.
  addExample(address, name) {
    return this.queue(async () => {
      const blob = await (await fetch(address)).blob();
      this.items = [];
      await this.addFile(blob, name);
    });
  }

  // Pictures of this server, { name, link }: they are named in the call, not sent again.
  addOurs(pictures) {
    return this.queue(async () => {
      for (const { name, link } of pictures) await this.addOurOwn(name, link);
    });
  }

  async addOurOwn(name, link) {
    const source = Object.assign(new Image(), { src: link, alt: "" });
    try {
      await source.decode();
      this.put({ name, id: name, link, source, width: source.naturalWidth, height: source.naturalHeight });
    } catch {
      this.tell("This picture is no longer kept.");
    }
  }

  replaceWith({ name, link }) {
    return this.queue(() => {
      this.items = [];
      return this.addOurOwn(name, link);
    });
  }

  put(item) {
    if (this.items.length >= this.most()) return this.tell(`At most ${this.most()} pictures go along with a call.`);
    this.items.push({ ...item, name: item.id ?? this.unlike(item.name) });
  }

  // Two files of one name are told apart, as in a folder.
  unlike(name) {
    const taken = this.items.map((item) => item.name);
    const [, stem, ending] = /^(.*?)(\.\w+)?$/.exec(name);
    for (let number = 2; taken.includes(name); number++) name = `${stem}-${number}${ending ?? ""}`;
    return name;
  }

  show() {
    this.list.replaceChildren(...this.items.map((item, place) => this.thumb(item, place)));
    this.mask.over(this.items[0] ?? null);
    this.changed();
  }

  thumb(item, place) {
    const line = document.createElement("li");
    const shown = scaled(item, THUMB);
    shown.setAttribute("role", "img");
    shown.setAttribute("aria-label", `${item.name}, ${item.width} × ${item.height}`);
    const away = Object.assign(document.createElement("button"), { type: "button", className: "away", textContent: "×" });
    away.setAttribute("aria-label", `Remove ${item.name}`);
    away.addEventListener("click", () => {
      this.items.splice(place, 1);
      this.show();
      (this.list.querySelectorAll(".away")[Math.max(place - 1, 0)] ?? this.field).focus();
    });
    const name = Object.assign(document.createElement("span"), { textContent: item.name, title: item.name });
    line.append(shown, away, name);
    return line;
  }

  // ---- what goes into the call

  get named() {
    return this.items.some((item) => item.id);
  }

  // The names of the files of a form, as the code shows them.
  get files() {
    return this.named ? [] : this.items.map((item) => item.name);
  }

  // What the body of a call by JSON says of the pictures, and of the mask where it `has` one; `written` shows bytes by three dots.
  async references(has, written) {
    const url = async (blob) => ({ image_url: written ? "data:image/png;base64,…" : await dataUrl(blob) });
    const images = await Promise.all(this.items.map((item) => (item.id ? { file_id: item.id } : url(item.blob))));
    const mask = has ? await this.mask.blob() : null;
    return mask ? { images, mask: await url(mask) } : { images };
  }

  async parts(has) {
    const name = this.items.length > 1 ? "image[]" : "image";
    const parts = this.items.map((item) => [name, item.blob, item.name]);
    const mask = has ? await this.mask.blob() : null;
    return mask ? [...parts, ["mask", mask, "mask.png"]] : parts;
  }

  // The first picture as an address that an image element takes, to compare with what becomes of it.
  get before() {
    const [first] = this.items;
    return first?.link ?? (first && scaled(first, BEFORE).toDataURL("image/webp", 0.9));
  }
}

function scaled({ source, width, height }, most) {
  const scale = Math.min(1, most / Math.max(width, height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) });
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = Object.assign(new FileReader(), { onload: () => resolve(reader.result), onerror: () => reject(reader.error) });
    reader.readAsDataURL(blob);
  });
}

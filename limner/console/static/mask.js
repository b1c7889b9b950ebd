// Paints a mask over the first picture: what is painted is to be changed, so it is clear in the PNG that is sent.

const SHOWN = 640;

export class Mask {
  constructor(element, changed, tell) {
    this.element = element;
    this.changed = changed;
    this.tell = tell;
    this.below = element.querySelector("#mask-below");
    this.canvas = element.querySelector("#mask-canvas");
    this.size = element.querySelector("#mask-size");
    this.erasing = false;
    this.painted = false;
    this.item = null;
    this.listen();
  }

  listen() {
    this.canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.canvas.setPointerCapture(event.pointerId);
      this.from = this.place(event);
      this.stroke(this.from);
    });
    this.canvas.addEventListener("pointermove", (event) => { if (this.from) this.stroke(this.place(event)); });
    for (const kind of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(kind, () => { if (this.from) { this.from = null; this.changed(); } });
    }
    const tools = [...this.element.querySelectorAll("[data-tool]")];
    for (const tool of tools) {
      tool.addEventListener("click", () => {
        this.erasing = tool.dataset.tool === "erase";
        for (const other of tools) other.setAttribute("aria-pressed", String(other === tool));
      });
    }
    this.element.querySelector("#mask-clear").addEventListener("click", () => { this.clear(); this.changed(); });
    this.element.querySelector("#mask-file").addEventListener("change", (event) => this.load(event.target));
  }

  // Begins anew where there is another first picture.
  over(item) {
    if (item === this.item) return;
    this.item = item;
    this.painted = false;
    if (!item) return;
    const scale = Math.min(1, SHOWN / Math.max(item.width, item.height));
    for (const canvas of [this.below, this.canvas]) {
      canvas.width = Math.max(1, Math.round(item.width * scale));
      canvas.height = Math.max(1, Math.round(item.height * scale));
    }
    this.below.getContext("2d").drawImage(item.source, 0, 0, this.below.width, this.below.height);
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * this.canvas.width, (event.clientY - box.top) / box.height * this.canvas.height];
  }

  stroke(to) {
    const pen = this.canvas.getContext("2d");
    pen.globalCompositeOperation = this.erasing ? "destination-out" : "source-over";
    pen.strokeStyle = "#d0278a";
    pen.lineCap = pen.lineJoin = "round";
    pen.lineWidth = Number(this.size.value) / 100 * Math.max(this.canvas.width, this.canvas.height);
    pen.beginPath();
    pen.moveTo(...this.from);
    pen.lineTo(...to);
    pen.stroke();
    this.from = to;
    this.painted = true;
  }

  clear() {
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.painted = false;
  }

  // Takes a mask from a file: what is clear in it counts as painted.
  async load(field) {
    try {
      const mask = await createImageBitmap(field.files[0]);
      const pen = this.canvas.getContext("2d");
      pen.globalCompositeOperation = "source-over";
      pen.fillStyle = pen.strokeStyle = "#d0278a";
      pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
      pen.globalCompositeOperation = "destination-out";
      pen.drawImage(mask, 0, 0, this.canvas.width, this.canvas.height);
      this.painted = true;
      this.changed();
    } catch {
      this.tell("This file is no picture that can be read.");
    }
    field.value = "";
  }

  // The mask as a PNG of the picture's own size, or null where nothing is painted.
  async blob() {
    if (!this.painted || !this.item) return null;
    const whole = Object.assign(document.createElement("canvas"), { width: this.item.width, height: this.item.height });
    const pen = whole.getContext("2d");
    pen.fillRect(0, 0, whole.width, whole.height);
    pen.globalCompositeOperation = "destination-out";
    pen.drawImage(this.canvas, 0, 0, whole.width, whole.height);
    return new Promise((resolve) => whole.toBlob(resolve, "image/png"));
  }
}

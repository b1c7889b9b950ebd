export function follow() {}
export function messageCard() { return document.createElement("div"); }

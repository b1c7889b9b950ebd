// Shows where one is in a sidebar that is wider than the window, and asks before an act that hurts.

const side = document.querySelector(".side");
const current = side?.querySelector("[aria-current]");
if (current) side.scrollLeft = current.offsetLeft - side.offsetLeft - (side.clientWidth - current.offsetWidth) / 2;

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

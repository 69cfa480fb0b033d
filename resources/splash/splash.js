// Says how far the start is. The words come from the app's shell.
const step = document.getElementById("step");
window.kite.onStart(({ text, state }) => {
  step.textContent = text;
  document.body.classList.toggle("failed", state === "failed");
});

// The demo shop's first page: what is chosen here becomes the cart, and the checkout page takes over.
const form = document.getElementById("goods");
const problem = document.getElementById("problem");
const CARTS = "/api/storefront/carts";

async function call(method, path, body) {
  const token = decodeURIComponent(/(?:^|; )XSRF-TOKEN=([^;]*)/.exec(document.cookie)?.[1] ?? "");
  const headers = { "Content-Type": "application/json", "X-XSRF-TOKEN": token };
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const said = await answer.text();
  if (!answer.ok) throw new Error((JSON.parse(said || "{}").detail) || "The cart could not be made. Try again.");
  return said ? JSON.parse(said) : null;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  const lineItems = [...form.querySelectorAll("input")]
    .map((input) => ({ productId: Number(input.dataset.product), variantId: Number(input.dataset.variant), quantity: Number(input.value) }))
    .filter((line) => line.quantity > 0);
  if (!lineItems.length) return void (problem.textContent = "Choose at least one thing.");
  try {
    for (const cart of await call("GET", CARTS)) await call("DELETE", `${CARTS}/${cart.id}`);
    await call("POST", CARTS, { lineItems });
    location.assign("/checkout");
  } catch (error) {
    problem.textContent = error.message;
  }
});

// The official SDK as published, made into one file for browsers. Journeys call it from outside of the page.
import { createCheckoutService } from "@bigcommerce/checkout-sdk";

window.createCheckoutService = createCheckoutService;
document.documentElement.dataset.ready = "yes";

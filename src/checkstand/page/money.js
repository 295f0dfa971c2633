// Amounts in words of the shop's currency.

/** A function that writes amounts; `currency` as the settings have it. */
export function writer(currency) {
  const places = Number(currency.decimalPlaces);
  return (amount) => {
    const [whole, fraction] = Math.abs(amount).toFixed(places).split(".");
    const digits = whole.replace(/\B(?=(\d{3})+(?!\d))/g, currency.thousandsSeparator);
    const number = fraction ? digits + currency.decimalSeparator + fraction : digits;
    const sign = amount < 0 ? "−" : "";
    const symbol = /[A-Za-z]$/.test(currency.symbol) ? `${currency.symbol}\u00a0` : currency.symbol;
    return currency.symbolLocation === "right" ? `${sign}${number}\u00a0${currency.symbol}` : `${sign}${symbol}${number}`;
  };
}

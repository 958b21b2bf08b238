// What each version of the application reads and writes.
// region versions
export const versions = {
  1: { read: "price * 100", set: "price = price + 1", columns: "price", values: "20" },
  2: { read: "price * 100", set: "price = price + 1, price_cents = (price + 1) * 100", columns: "price, price_cents", values: "20, 2000" },
  3: { read: "price_cents", set: "price_cents = price_cents + 100, price = (price_cents + 100) / 100.0", columns: "price, price_cents", values: "20, 2000" },
  3.1: { read: "price_cents", set: "price = price + 1, price_cents = (price + 1) * 100", columns: "price, price_cents", values: "20, 2000" },
  4: { read: "price_cents", set: "price_cents = price_cents + 100", columns: "price_cents", values: "2000" },
};
// endregion

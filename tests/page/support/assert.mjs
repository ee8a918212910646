import strict from "node:assert/strict";

/** How often something was asserted in this process. */
export const made = { assertions: 0 };

/** `node:assert/strict`, counted: the runner holds a floor of assertions. @type {typeof strict} */
const assert = new Proxy(strict, {
  apply(target, self, args) {
    made.assertions += 1;
    return Reflect.apply(target, self, args);
  },
  get(target, name) {
    made.assertions += 1;
    return Reflect.get(target, name);
  },
});
export default assert;

// Stands in for the bindings of what inflates, beside an engine that is no real one.

export const initSync = () => {};
export class Stream {}

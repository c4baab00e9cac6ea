// A choice by its name, as an address or a kernel gives it.

/** Whether the value is the name of an entry of a table. (A list of one name would pass for it as a key.) */
export const isKey = (value, table) => typeof value === "string" && Object.hasOwn(table, value);

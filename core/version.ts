/** Of the package, for `SERVER_SOFTWARE`. */
export const VERSION = "0.1.0";

/** How CPython's validator complains, and how it complains when nobody hears. */
export const COMPLAINT: RegExp = /AssertionError|WSGIWarning|garbage collected/;
